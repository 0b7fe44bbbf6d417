"""Tokens are in one space, Docs and Spans in another, where a model ends in a projection."""

import gc
import pickle
import subprocess
import sys

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin
from spacy.training import Example

from salience.errors import AnnotationError
from spacy_salience import keywords, reasons, render, similarity, to_json, vector_of
from spacy_salience.annotations import spaces, stamps

from ..component.test_serialise import restored
from ..projected import (
    AS_WIDE,
    NARROWER,
    OTHER,
    TEXT,
    UNKNOWN,
    WIDTH,
    every_width,
    learning,
    matrix_of,
    projected,
)  # fmt: skip

pytestmark = pytest.mark.filterwarnings("ignore:.*W109.*")


def cosine(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def span_vector(span, P):
    weights = span.doc._.salience[span.start : span.end]
    return P @ (weights @ span.doc.tensor[span.start : span.end] / weights.sum())


@every_width
def test_docs_and_spans_are_in_the_space_of_documents(tmp_path, width):
    nlp = projected(tmp_path, width)
    doc, P = nlp(TEXT), matrix_of(nlp)
    assert doc.tensor.shape == (len(doc), WIDTH)
    want = P @ (doc._.salience @ doc.tensor)
    assert doc.vector.shape == doc._.salience_vector.shape == (width,)
    np.testing.assert_allclose(doc.vector, want, atol=1e-6)
    np.testing.assert_allclose(doc[:].vector, want, atol=1e-6)
    np.testing.assert_allclose(doc[1:4].vector, span_vector(doc[1:4], P), atol=1e-6)
    np.testing.assert_array_equal(doc[2].vector, doc.tensor[2])
    assert np.isclose(doc.vector_norm, np.linalg.norm(want))
    assert doc.has_vector and doc[1:3].has_vector and doc[2].has_vector  # noqa: PT018


@every_width
def test_similarity_is_in_the_space_of_the_two(tmp_path, width):
    nlp = projected(tmp_path, width)
    a, b, P = nlp(TEXT), nlp(OTHER), matrix_of(nlp)
    pairs = {
        (a[1], b[7]): cosine(a.tensor[1], b.tensor[7]),
        (a[1], b): cosine(P @ a.tensor[1], b.vector),
        (a, b[7]): cosine(a.vector, P @ b.tensor[7]),
        (a[1], b[1:4]): cosine(P @ a.tensor[1], span_vector(b[1:4], P)),
        (a[0:3], b[1:4]): cosine(span_vector(a[0:3], P), span_vector(b[1:4], P)),
        (a, b[1:4]): cosine(a.vector, span_vector(b[1:4], P)),
        (a, b): cosine(a.vector, b.vector),
    }
    for (one, other), want in pairs.items():
        assert np.isclose(similarity(one, other), want, atol=1e-6)
        assert one.similarity(other) == other.similarity(one) == similarity(one, other)
    assert a[2].similarity(a[2:3]) == pytest.approx(1)


def test_a_text_of_one_token_is_as_that_token_and_an_empty_one_is_zeros(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    doc, empty, blank = nlp("cat"), nlp(""), nlp(" ")
    assert similarity(doc, doc[0]) == similarity(doc[0], doc[:1]) == 1
    assert empty.vector.shape == blank.vector.shape == (NARROWER,)
    assert empty[0:0].vector.shape == (NARROWER,)
    assert similarity(empty, doc[0]) == similarity(blank[0], doc) == similarity(blank[:1], doc) == 0
    back = restored(nlp, empty, "docbin")
    assert vector_of(back).shape == (NARROWER,)


KEPT = ["to_bytes", "pickle"]


@every_width
@pytest.mark.parametrize("way", KEPT)
def test_results_that_were_kept_say_the_same(tmp_path, width, way):
    nlp = projected(tmp_path, width)
    doc, other = nlp(TEXT), nlp(OTHER)
    back = restored(nlp, doc, way)
    for part in (slice(None), slice(1, 4)):
        np.testing.assert_array_equal(vector_of(back[part]), doc[part].vector)
    assert similarity(back[1], other) == doc[1].similarity(other)
    assert stamps.token_width(back) == WIDTH


@every_width
def test_docbin_keeps_no_token_vectors(tmp_path, width):
    nlp = projected(tmp_path, width)
    doc = nlp(TEXT)
    back = restored(nlp, doc, "docbin")
    assert similarity(back, doc) == 1
    with pytest.raises(AnnotationError, match="came out of a DocBin"):
        vector_of(back[1:3])
    back.tensor = doc.tensor
    np.testing.assert_array_equal(vector_of(back[1:3]), doc[1:3].vector)


@every_width
def test_json_keeps_the_space(tmp_path, width):
    nlp = projected(tmp_path, width)
    doc = nlp(TEXT)
    back = Doc(nlp.vocab).from_json(to_json(doc))
    assert back._.salience_stamp == doc._.salience_stamp
    assert similarity(back, doc) == 1
    back.tensor = doc.tensor
    np.testing.assert_array_equal(back[1:3].vector, doc[1:3].vector)


@every_width
@pytest.mark.filterwarnings("ignore:.*W101.*")
def test_processes_return_what_the_parent_does(tmp_path, width):
    nlp = projected(tmp_path, width)
    texts = [TEXT, OTHER, "", "cold"] * 2
    want = [projected_results(doc) for doc in nlp.pipe(texts)]
    for doc, expected in zip(nlp.pipe(texts, n_process=2, batch_size=2), want, strict=True):
        for found, one in zip(projected_results(doc), expected, strict=True):
            np.testing.assert_array_equal(found, one)


def projected_results(doc):
    ends = similarity(doc[-1], doc) if len(doc) else 0
    return vector_of(doc), vector_of(doc[:2]), ends


SCRIPT = """
import pickle, sys
import spacy
from salience.errors import AnnotationError
from spacy_salience import explain, similarity, similarity_matrix, vector_of

a, b = pickle.load(open(sys.argv[1], "rb"))
assert similarity(a, b) == float(sys.argv[3])
assert vector_of(a[1]).shape == (16,) and similarity(a[1], b[1]) <= 1
READERS = [
    lambda: vector_of(a[1:3]), lambda: a[1:3].vector, lambda: similarity(a[1], b),
    lambda: explain(a, b).score, lambda: a[1:3].similarity(b), lambda: b.similarity(a[1]),
    lambda: similarity_matrix([a, a[1]]), lambda: similarity_matrix([a[1]], [b]),
]
for read in READERS:
    try:
        read()
    except AnnotationError as error:
        assert "load its pipeline first" in str(error), error
    else:
        raise SystemExit("expected an error")
nlp = spacy.load(sys.argv[2])
for read in READERS:
    read()
print(float(explain(a, b).contributions.sum()))
"""


@every_width
def test_a_process_without_the_pipeline_says_so_until_it_is_loaded(tmp_path, width):
    nlp = projected(tmp_path, width)
    a, b = nlp(TEXT), nlp(OTHER)
    nlp.to_disk(tmp_path / "nlp")
    (tmp_path / "docs").write_bytes(pickle.dumps((a, b)))
    run = [sys.executable, "-W", "ignore", "-c", SCRIPT, tmp_path / "docs", tmp_path / "nlp"]
    done = subprocess.run(
        [*run, repr(similarity(a, b))], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert float(done.stdout) == pytest.approx(similarity(a, b), abs=1e-6)


def test_a_projection_lives_as_long_as_a_pipeline_or_a_doc_of_it(tmp_path):
    def known():
        gc.collect()
        return [model for model in (stamps.model_of(back),) if model in spaces._known]

    nlp = projected(tmp_path, NARROWER, seed=3)
    doc = nlp(TEXT)
    back = Doc(nlp.vocab).from_bytes(doc.to_bytes(exclude=["user_hooks"]))
    want = doc[1:3].vector
    del nlp
    gc.collect()
    np.testing.assert_array_equal(vector_of(back[1:3]), want)  # doc has it
    del doc
    assert known() == []
    with pytest.raises(AnnotationError, match=UNKNOWN):
        vector_of(back[1:3])
    anew = projected(tmp_path, NARROWER, seed=3)
    assert known() == []  # it has read nothing yet
    np.testing.assert_array_equal(vector_of(back[1:3]), want)
    assert len(known()) == 1
    del anew
    assert known() == []


def test_components_are_forgotten_with_their_pipelines(tmp_path):
    gc.collect()
    before = len(spaces._components)
    made = [projected(tmp_path, NARROWER, seed=seed) for seed in range(3)]
    assert len(spaces._components) == before + 3
    del made
    gc.collect()
    assert len(spaces._components) == before


def test_a_component_without_a_model_is_no_obstacle(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    doc = nlp(TEXT)
    back = pickle.loads(pickle.dumps(doc))
    data = nlp.to_bytes()
    del nlp, doc
    gc.collect()
    lost = spacy.blank("en")
    lost.add_pipe("salience", config={"model": {"pretrained": "/no/such.safetensors"}})
    fresh = spacy.blank("en")
    encoder = {"@architectures": "salience.Encoder.v2", "pretrained": None}
    fresh.add_pipe("salience", config={"model": encoder})
    with pytest.raises(AnnotationError, match=UNKNOWN):
        vector_of(back[1:3])
    lost.from_bytes(data)
    assert vector_of(back[1:3]).shape == (NARROWER,)


def test_two_models_with_and_without_a_projection(tmp_path):
    plain, narrow = projected(tmp_path, None), projected(tmp_path, NARROWER)
    wide, other = projected(tmp_path, AS_WIDE), projected(tmp_path, AS_WIDE, seed=9)
    for one in (plain, narrow, wide, other):
        for two in {plain, narrow, wide, other} - {one}:
            a, b = one(TEXT), two(OTHER)
            for pair in ((a, b), (a[1], b[1]), (a[1], b), (a[0:2], b), (a[0:2], b[1])):
                with pytest.raises(AnnotationError, match=r"expected (vectors|results) of one mo"):
                    similarity(*pair)
    assert stamps.token_width(plain(TEXT)) is None


@pytest.mark.parametrize("width", [NARROWER, AS_WIDE])
def test_after_further_training_documents_have_the_projection_that_they_had(tmp_path, width):
    nlp = learning(tmp_path, width)
    nlp.add_pipe("tagger", config={"model": {"tok2vec": {
        "@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "salience"
    }}})  # fmt: skip
    examples = [
        Example.from_dict(
            nlp.make_doc(text), {"tags": [t[:1] for t in map(str, nlp.make_doc(text))]}
        )
        for text in (TEXT, OTHER)
    ]
    optimizer = nlp.initialize(lambda: examples)
    before, again = nlp(TEXT), pickle.loads(pickle.dumps(nlp(TEXT)))
    assert before.vector.shape == (width,)
    want, mixed = before[1:3].vector, before.similarity(before[1])
    model, P = nlp.get_pipe("salience").model, spaces.projection_of(before).copy()
    for _ in range(2):
        nlp.update(examples, sgd=optimizer)
    pooling = next(node for node in model.walk() if node.has_param("P"))
    pooling.set_param("P", pooling.get_param("P") + 1)
    nlp.get_pipe("salience").model.shims[0].finish_update(None)
    after = nlp(TEXT)
    assert stamps.model_of(after) != stamps.model_of(before)
    np.testing.assert_array_equal(spaces.projection_of(before), P)
    np.testing.assert_array_equal(spaces.projection_of(after), P + 1)
    np.testing.assert_array_equal(vector_of(again[1:3]), want)
    assert before.similarity(before[1]) == mixed
    with pytest.raises(AnnotationError, match="results of one model"):
        before.similarity(after[1])


@every_width
def test_tokens_are_those_of_salience_alone(tmp_path, width):
    nlp = projected(tmp_path, width)
    doc = nlp(TEXT)
    _ = doc[0].vector
    for other in {width, 7}:
        doc.tensor = np.ones((len(doc), other), dtype=np.float32)
        for read in (lambda: doc[0].vector, lambda: doc[0:2].vector):
            with pytest.raises(AnnotationError, match="another component, such as tok2vec"):
                read()


def test_without_a_stamp_a_vector_must_be_the_sum(tmp_path):
    nlp, plain = projected(tmp_path, AS_WIDE), projected(tmp_path, None)
    doc, old = nlp(TEXT), plain(TEXT)
    doc._.salience_stamp = old._.salience_stamp = None
    assert old[:].similarity(old) == pytest.approx(1)
    for read in (lambda: doc[1:3].vector, lambda: doc[1].similarity(doc)):
        with pytest.raises(AnnotationError, match="no stamp says of which model"):
            read()


def test_a_stamp_is_read_as_it_is_written(tmp_path):
    doc = projected(tmp_path, NARROWER)(TEXT)
    doc._.salience_stamp = doc._.salience_stamp
    for value in ("0" * 24 + ":", "0" * 24 + ":0", "0" * 24 + ":x", "0" * 23 + ":16"):
        with pytest.raises(AnnotationError, match="24 hexadecimal digits"):
            doc._.salience_stamp = value


@every_width
def test_keywords_and_pictures_are_of_salience_and_need_no_projection(tmp_path, width):
    nlp, plain = projected(tmp_path, width), projected(tmp_path, None)
    assert keywords(nlp(TEXT)) == keywords(plain(TEXT))
    back = pickle.loads(pickle.dumps(nlp(TEXT)))
    drawn = render(nlp(TEXT), output="text")
    del nlp
    gc.collect()
    assert render(back, output="text") == drawn
    assert keywords(back) == keywords(plain(TEXT))


def test_a_listener_takes_token_vectors(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    textcat = nlp.add_pipe("textcat", config={"model": {
        "@architectures": "salience.Pooled.v1", "exclusive_classes": True,
        "tok2vec": {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH},
    }})  # fmt: skip
    examples = [
        Example.from_dict(nlp.make_doc(TEXT), {"cats": {"a": 1, "b": 0}}),
        Example.from_dict(nlp.make_doc(OTHER), {"cats": {"a": 0, "b": 1}}),
    ]
    nlp.initialize(lambda: examples)
    nlp.update(examples)
    doc = nlp(TEXT)
    found = reasons(textcat, pickle.loads(pickle.dumps(doc)))
    logits = found.contributions.sum(axis=0) + found.bias
    np.testing.assert_allclose(np.exp(logits) / np.exp(logits).sum(), found.scores, atol=1e-5)


def test_a_docbin_read_by_another_process_is_similar_as_before(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    docs = [nlp(TEXT), nlp(OTHER)]
    data = DocBin(docs=docs, store_user_data=True).to_bytes()
    a, b = DocBin().from_bytes(data).get_docs(spacy.blank("en").vocab)
    assert similarity(a, b) == similarity(*docs)
