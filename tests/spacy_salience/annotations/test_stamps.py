"""Results are of one model and of the tokens that a Doc has now, or they are refused."""

import pickle
import subprocess
import sys
import weakref
from pathlib import Path

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin
from thinc.api import fix_random_seed

from salience.errors import AnnotationError
from salience.model.weights import from_bytes, save
from salience.testing import random_weights
from spacy_salience import Index, explain, nearest, similarity, similarity_matrix, vector_of
from spacy_salience.annotations import stamps

from ..component.test_serialise import restored
from ..conftest import WORDS, pipeline
from ..models.test_network import SMALL
from ..models.test_network_training import LISTENER, examples_for, tagger
from .test_readers import READERS, both

TEXT = "the cats sat on the warm mat"
TWO = "expected results of one model, got those of two; .* Process all documents again"


@pytest.fixture
def other_model(tmp_path):
    """A model of the same width."""
    save(random_weights(WORDS, seed=7), tmp_path / "other.safetensors")
    return pipeline(tmp_path / "other.safetensors")


COMPARED = {
    "doc.similarity": lambda a, b: a.similarity(b),
    "token.similarity": lambda a, b: a[0].similarity(b[0]),
    "span.similarity": lambda a, b: a[:1].similarity(b),
    "similarity": similarity,
    "explain": explain,
    "explain spans": lambda a, b: explain(a[:2], b[1:]),
}


MANY = {
    "one collection": lambda a, b: similarity_matrix([a, b]),
    "two collections": lambda a, b: similarity_matrix([a], iter([b])),
    "top_k": lambda a, b: similarity_matrix([a], [b], top_k=1),
    "nearest": lambda a, b: nearest(a, [b], 1),
    "nearest to a token": lambda a, b: nearest(a[0], list(b), 1),
    "Index": lambda a, b: Index([a, b]),
    "Index.nearest": lambda a, b: Index([a]).nearest(b, 1),
    "Index.nearest, pickled": lambda a, b: pickle.loads(pickle.dumps(Index([a]))).nearest(b, 1),
    "Index.nearest of several": lambda a, b: Index([a]).nearest([b[0:2]], 1),
}


@pytest.mark.parametrize("how", [*COMPARED, *MANY])
def test_results_of_two_models_of_one_width_are_refused(nlp, other_model, how):
    a, b, compare = nlp(TEXT), other_model(TEXT), {**COMPARED, **MANY}[how]
    with pytest.raises(AnnotationError, match=TWO):
        compare(a, b)
    compare(a, nlp(TEXT))
    compare(a, nlp.get_pipe("salience")(b))


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["to_bytes", "docbin", "pickle"])
def test_they_are_refused_after_they_were_kept_too(nlp, other_model, way):
    a, b = restored(nlp, nlp(TEXT), way), restored(nlp, other_model(TEXT), way)
    with pytest.raises(AnnotationError, match=TWO):
        similarity(a, b)
    assert similarity(a, nlp(TEXT)) == 1


def test_one_of_many_that_is_of_another_model_is_named(nlp, other_model):
    models = stamps.OneModel("Index")
    for doc in (nlp("a cat"), nlp("a dog")[0], nlp.make_doc("a")):
        models.add(doc)
    with pytest.raises(AnnotationError, match="^Index: " + TWO):
        models.add(other_model("a cat")[0:1])


def ways_of(nlp, tmp_path):
    nlp.to_disk(tmp_path / "saved")
    other = spacy.blank("en")
    other.add_pipe("salience", source=nlp)
    component = pickle.loads(pickle.dumps(nlp.get_pipe("salience")))
    return {
        "saved": spacy.load(tmp_path / "saved"),
        "sourced": other,
        "pickled": component,
        "by bytes": spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes()),
    }


@pytest.mark.parametrize("learns", [False, True])
def test_equal_models_have_equal_stamps(nlp, tmp_path, learns):
    if learns:
        nlp = spacy.blank("en")
        nlp.add_pipe("salience", config={"model": SMALL})
        nlp.initialize()
    want = stamps.model_of(nlp(TEXT))
    assert len(want) == 16
    for way, each in ways_of(nlp, tmp_path).items():
        assert stamps.model_of(each(nlp.make_doc(TEXT))) == want, way
    found = nlp.pipe([TEXT] * 4, n_process=2, batch_size=1)
    assert {stamps.model_of(doc) for doc in found} == {want}


def test_a_stamp_is_the_same_in_every_process(model_file):
    code = (
        "import spacy, sys; from spacy_salience.annotations import stamps\n"
        "nlp = spacy.blank('en')\n"
        "nlp.add_pipe('salience', config={'model': {'pretrained': sys.argv[1]}})\n"
        f"print(nlp({TEXT!r}).user_data[stamps.KEY])"
    )
    run = [sys.executable, "-c", code, str(model_file)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == pipeline(model_file)(TEXT).user_data[stamps.KEY]


def test_a_file_is_hashed_once(nlp, model_file, monkeypatch):
    weights = from_bytes(model_file.read_bytes())
    assert weights.checked == weights.digest()
    assert weights.made_for("de").checked is None
    monkeypatch.setattr(type(weights), "digest", lambda self: pytest.fail("hashed again"))
    nlp(TEXT)


def test_an_encoder_that_has_learnt_is_another_one():
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": SMALL})
    nlp.add_pipe("tagger", config=tagger(LISTENER))
    examples = examples_for(nlp)
    optimizer = nlp.initialize(lambda: examples)
    before = [nlp(TEXT), nlp(TEXT)]
    assert before[0].similarity(before[1]) == 1
    saved = nlp.to_bytes()
    for _ in range(2):  # the first has no gradient: the tagger starts with zeros
        nlp.update(examples, sgd=optimizer)
    after = nlp(TEXT)
    with pytest.raises(AnnotationError, match="trained or loaded anew in between"):
        before[0].similarity(after)
    with nlp.use_params(optimizer.averages):
        averaged = nlp(TEXT)
    assert after.similarity(nlp(TEXT)) == 1
    nlp.update(examples, sgd=optimizer)
    with nlp.use_params(optimizer.averages), pytest.raises(AnnotationError, match=TWO):
        averaged.similarity(nlp(TEXT))
    nlp.from_bytes(saved)
    assert nlp(TEXT).similarity(before[0]) == 1


def test_documents_of_before_there_were_stamps_are_taken(nlp, other_model):
    a, b = nlp(TEXT), other_model(TEXT)
    for stamped in (None, 7, b"bytes"):
        b.user_data[stamps.KEY] = stamped
        assert -1 <= a.similarity(b) <= 1
        assert -1 <= similarity(b, a) <= 1


def merge_and_split(doc):
    """As many tokens as before, other ones."""
    both(doc)


def split_and_merge_apart(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[1], ["cat", "s"], heads=[doc[0], doc[0]])
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[5:7])


def put_elsewhere(doc):
    """The results of one text on another of as many tokens."""
    other = Doc(doc.vocab, words=["a"] * len(doc))
    other.user_data.update(doc.user_data)
    return other


CHANGES = [merge_and_split, split_and_merge_apart, put_elsewhere]
WITHOUT_THE_TENSOR = set(READERS) - {
    "doc.vector", "doc.vector_norm", "doc.has_vector", "doc.similarity", "span.vector",
    "span.similarity", "token.vector", "token.similarity",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("reader", sorted(WITHOUT_THE_TENSOR))
@pytest.mark.parametrize("read_before", [False, True])
def test_other_tokens_are_refused_without_the_tensor_too(nlp, change, reader, read_before):
    doc, other = nlp(TEXT), nlp("a dog")
    back = restored(nlp, doc, "docbin")
    assert len(back._.salience) if read_before else True
    back = change(back) or back
    assert len(back) == len(doc)
    with pytest.raises(AnnotationError, match="found those of others; tokens were split and mer"):
        READERS[reader](back, other)


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("change", CHANGES)
def test_other_tokens_are_refused_with_another_tensor_of_as_many_rows(nlp, change):
    doc = nlp(TEXT)
    doc = change(doc) or doc
    doc.tensor = np.ones((len(doc), 16), dtype=np.float32)
    for copied in (doc, doc.copy(), restored(nlp, doc, "to_bytes")):
        with pytest.raises(AnnotationError, match="found those of others"):
            _ = copied._.salience


@pytest.mark.parametrize("text", [TEXT, "", " ", "caf\u00e9 \U0001f600\U0001f600 na\u00efve"])
@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_the_same_tokens_are_taken_however_they_were_kept(nlp, text):
    doc = nlp(text)
    again = DocBin(docs=[restored(nlp, doc, "docbin")], store_user_data=True).to_bytes()
    (twice,) = DocBin().from_bytes(again).get_docs(spacy.blank("en").vocab)
    for back in (restored(nlp, doc, "to_bytes"), restored(nlp, doc, "pickle"), doc.copy(), twice):
        np.testing.assert_array_equal(back._.salience, doc._.salience)
        np.testing.assert_array_equal(vector_of(back), doc.vector)


@pytest.mark.filterwarnings("ignore:.*W101.*")
def test_a_part_and_a_whole_have_no_stamp(nlp):
    doc = nlp(TEXT)
    for new in (doc[1:3].as_doc(copy_user_data=True), Doc.from_docs([doc.copy()])):
        assert stamps.KEY not in new.user_data
        assert new._.salience is None


def test_another_s_vectors_of_the_same_width_are_not_a_token_s(nlp):
    doc = nlp(TEXT)
    _ = doc[0].vector
    doc.tensor = np.ones_like(doc.tensor)
    for read in (lambda: doc[0].vector, lambda: doc[0:2].vector, lambda: explain(doc, doc)):
        with pytest.raises(AnnotationError, match="such as tok2vec, wrote it after salience"):
            read()
    assert doc.similarity(nlp(TEXT)) == 1


def test_the_memory_of_a_cleared_tensor_is_freed(nlp):
    doc = nlp(TEXT)
    kept = weakref.ref(doc.tensor)
    doc.tensor = None
    assert kept() is None
    assert doc._.salience is not None


@pytest.mark.parametrize("other", [{"window": 1}, {"attrs": ["LOWER", "SHAPE"]}, {"words": 7}])
def test_encoders_of_other_settings_or_words_are_others(tmp_path, other):
    files = {seed: str(tmp_path / f"{seed}.safetensors") for seed in (0, 7)}
    for seed, path in files.items():
        save(random_weights(WORDS, seed=seed), Path(path))

    def stamped(words=0, **settings):
        fix_random_seed(0)
        nlp = spacy.blank("en")
        nlp.add_pipe("salience", config={"model": {**SMALL, **settings, "words": files[words]}})
        nlp.initialize()
        return stamps.model_of(nlp(TEXT))

    assert stamped() == stamped() != stamped(**other)
