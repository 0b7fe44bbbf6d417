"""Whatever becomes of a Doc, a reader is right or says why it cannot be."""

import copy
import pickle

import numpy as np
import pytest
from spacy.matcher import Matcher
from spacy.pipeline.functions import DocCleaner
from spacy.tokens import Doc, DocBin

from salience.errors import AnnotationError
from spacy_salience import similarity, vector_of

from ..component.test_serialise import restored
from ..conftest import TEXTS, pipeline

TEXT = "the cats sat on the warm mat"
STALE = r"expected one row for each of the {} tokens, found {}; tokens were split or merged after"
READERS = {
    "doc._.salience": lambda doc, other: doc._.salience,
    "doc._.salience_vector": lambda doc, other: doc._.salience_vector,
    "doc._.attention": lambda doc, other: doc._.attention,
    "token._.salience": lambda doc, other: doc[0]._.salience,
    "doc.vector": lambda doc, other: doc.vector,
    "doc.vector_norm": lambda doc, other: doc.vector_norm,
    "doc.has_vector": lambda doc, other: doc.has_vector,
    "doc.similarity": lambda doc, other: doc.similarity(other),
    "doc.similarity of the other": lambda doc, other: other.similarity(doc),
    "span.vector": lambda doc, other: doc[0:2].vector,
    "span.similarity": lambda doc, other: doc[0:2].similarity(other),
    "token.vector": lambda doc, other: doc[0].vector,
    "token.similarity": lambda doc, other: doc[0].similarity(other),
    "similarity": similarity,
    "vector_of": lambda doc, other: vector_of(doc),
}
OWN = ["doc._.salience", "doc._.salience_vector", "doc._.attention", "token._.salience",
       "similarity", "vector_of"]  # fmt: skip


def merge(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[4:6])


def split(doc):
    with doc.retokenize() as retokenizer:
        retokenizer.split(doc[1], ["cat", "s"], heads=[doc[0], doc[0]])


def both(doc):
    """As many tokens as before."""
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[4:6])
        retokenizer.split(doc[1], ["cat", "s"], heads=[doc[0], doc[0]])


CHANGES = {"merged": (merge, 6, 7), "split": (split, 8, 7), "both": (both, 7, 8)}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("change", CHANGES)
def test_results_of_other_tokens_are_refused_by_every_reader(nlp, change, reader):
    doc, other = nlp(TEXT), nlp("a dog")
    changed, tokens, rows = CHANGES[change]
    changed(doc)
    with pytest.raises(AnnotationError, match=STALE.format(tokens, rows)):
        READERS[reader](doc, other)


@pytest.mark.parametrize("change", CHANGES)
def test_processing_again_is_the_way_out_that_the_message_names(nlp, change):
    doc = nlp(TEXT)
    CHANGES[change][0](doc)
    with pytest.raises(AnnotationError, match="put it after what does so, or process") as it:
        _ = doc.vector
    namespace = {"doc": doc, "nlp": nlp}
    exec(str(it.value).rpartition(": ")[2], namespace)
    assert namespace["doc"] is doc
    assert len(doc._.salience) == len(doc.tensor) == len(doc)
    assert np.isfinite(doc.similarity(nlp(TEXT)))


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["to_bytes", "docbin"])
def test_a_merge_shows_on_a_copy_too(nlp, way):
    doc = nlp(TEXT)
    merge(doc)
    back = restored(nlp, doc, way)
    with pytest.raises(AnnotationError, match=STALE.format(6, 7)):
        _ = back._.salience_vector


def refusing(doc, other):
    """The readers that refuse, with what they say."""
    found = {}
    for name, read in READERS.items():
        try:
            read(doc, other)
        except AnnotationError as error:
            found[name] = str(error)
    return found


def test_without_the_tensor_tokens_and_spans_have_no_vectors(model_file):
    nlp = pipeline(model_file)
    nlp.add_pipe("doc_cleaner")  # its defaults, to which a config may only add, clear doc.tensor
    doc, other = nlp(TEXT), nlp("a dog")
    assert doc.tensor is None
    refused = refusing(doc, other)
    assert set(refused) == {"span.vector", "span.similarity", "token.vector", "token.similarity"}
    for said in refused.values():
        assert said.startswith("doc.tensor: expected one row a token, found none; ")
        assert "cleared (doc_cleaner" in said
        assert said.endswith(': process the document again: doc = nlp.get_pipe("salience")(doc)')
    assert doc._.salience.shape == (len(doc),)
    assert doc.similarity(doc) == 1


CLEARED = {
    "_.salience": ("span.vector", {"span.vector", "span.similarity"}),
    "_.salience_vector": (
        "doc.vector",
        {"doc.vector", "doc.vector_norm", "doc.has_vector", "doc.similarity", "span.similarity",
         "doc.similarity of the other", "token.similarity", "similarity", "vector_of"},
    ),
    "_.attention": ("", set()),
}  # fmt: skip


@pytest.mark.parametrize("attr", CLEARED)
def test_what_is_cleared_is_none_and_what_needs_it_says_so(nlp, attr):
    doc = DocCleaner({attr: None}, silent=False)(nlp(TEXT))
    assert doc._.get(attr[2:]) is None
    assert (doc[0]._.salience is None) == (attr == "_.salience")
    what, readers = CLEARED[attr]
    refused = refusing(doc, doc.copy())
    assert set(refused) == readers
    for said in refused.values():
        assert said.startswith(f"{what}: expected doc.{attr}, found none; ")
        assert "cleared (doc_cleaner), or is a new one" in said
        assert said.endswith('with a pipeline that has the component, nlp.add_pipe("salience")')


@pytest.mark.parametrize("copy_user_data", [False, True])
def test_a_span_as_a_doc_has_its_own_rows_and_nothing_of_the_whole(nlp, copy_user_data):
    whole = nlp(TEXT)
    part = whole[2:5].as_doc(copy_user_data=copy_user_data)
    np.testing.assert_array_equal(part.tensor, whole.tensor[2:5])
    np.testing.assert_array_equal(part[1].vector, whole[3].vector)
    assert part._.salience is part._.salience_vector is part._.attention is None
    assert part[0]._.salience is None
    for read in (lambda: part.vector, lambda: part.similarity(whole), lambda: part[0:2].vector):
        with pytest.raises(AnnotationError, match=r"or is a new one \(span\.as_doc, Doc\.from"):
            read()
    assert whole.similarity(whole) == 1
    again = nlp.get_pipe("salience")(part)
    np.testing.assert_array_equal(again.vector, nlp("sat on the").vector)


@pytest.mark.filterwarnings("ignore:.*W101.*", "ignore:.*W007.*")
def test_docs_put_together_have_their_own_rows_and_nothing_of_the_parts(nlp):
    parts = [nlp(text) for text in TEXTS if text]
    whole = Doc.from_docs(parts)
    assert whole._.salience is whole._.salience_vector is whole._.attention is None
    np.testing.assert_array_equal(whole.tensor, np.concatenate([part.tensor for part in parts]))
    token = whole[len(parts[0]) + 2]
    np.testing.assert_array_equal(vector_of(token), parts[1].tensor[2])
    for read in (vector_of, lambda doc: similarity(doc, parts[0]), lambda doc: vector_of(doc[:3])):
        with pytest.raises(AnnotationError, match=r"is a new one \(span\.as_doc, Doc\.from_docs\)"):
            read(whole)
    nlp.get_pipe("salience")(whole)
    assert whole._.salience.shape == (len(whole),)


@pytest.mark.parametrize(
    "way", [Doc.copy, copy.copy, copy.deepcopy, lambda doc: pickle.loads(pickle.dumps(doc))]
)
def test_a_copy_reads_as_the_original_and_changes_alone(nlp, way):
    doc, other = nlp(TEXT), nlp("a dog")
    want = [np.array(read(doc, other)) for read in READERS.values()]
    found = way(doc)
    for read, value in zip(READERS.values(), want, strict=True):
        np.testing.assert_array_equal(read(found, other), value)
    merge(found)
    for read, value in zip(READERS.values(), want, strict=True):
        np.testing.assert_array_equal(read(doc, other), value)


def test_slices_read_their_rows(nlp):
    doc = nlp(TEXT)
    for span in (doc[2:5], doc[-3:], doc[:], doc.char_span(4, 12)):
        weights = doc._.salience[span.start : span.end]
        want = weights / weights.sum() @ doc.tensor[span.start : span.end]
        np.testing.assert_allclose(span.vector, want, atol=1e-6)
        np.testing.assert_array_equal(span[1:].vector, doc[span.start + 1 : span.end].vector)
    assert not doc[3:3].vector.any()


@pytest.mark.parametrize("reader", OWN)
@pytest.mark.parametrize("way", ["to_bytes", "docbin"])
@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_any_of_our_readers_brings_dropped_hooks_back(nlp, way, reader):
    doc, other = nlp(TEXT), nlp("a dog")
    back = restored(nlp, doc, way)
    assert not back.user_hooks
    READERS[reader](back, other)
    assert back.similarity(other) == doc.similarity(other)
    assert back.vector_norm == doc.vector_norm
    if way == "to_bytes":
        assert back[1:3].similarity(other) == doc[1:3].similarity(other)
        np.testing.assert_array_equal(vector_of(back[1]), doc[1].vector)


@pytest.mark.filterwarnings("ignore:.*W109.*", "ignore:.*W007.*")
def test_what_spacy_answers_before_any_of_them_is_its_own_formula(nlp):
    """As the documentation says. No hook is run when spaCy drops hooks (Doc.from_dict)."""
    doc, other = nlp(TEXT), nlp("a dog")
    back = restored(nlp, doc, "to_bytes")
    np.testing.assert_allclose(back.vector, doc.tensor.mean(axis=0), atol=1e-6)
    assert abs(back.vector - doc.vector).max() > 1e-3
    assert back._.salience is not None
    np.testing.assert_array_equal(back.vector, doc.vector)
    assert back.similarity(other) == doc.similarity(other)


@pytest.mark.filterwarnings("ignore:.*W007.*", "ignore:.*W008.*")
def test_a_docbin_without_user_data_keeps_nothing(nlp):
    content = DocBin(docs=[nlp(TEXT)]).to_bytes()
    (back,) = DocBin().from_bytes(content).get_docs(nlp.vocab)
    assert back._.salience is None
    assert not len(back.tensor)
    for item, what in ((back, "doc.vector"), (back[:2], "span.vector"), (back[0], "doc.tensor")):
        with pytest.raises(AnnotationError, match=rf"^{what}: expected .* found none; the doc"):
            vector_of(item)


def test_a_matcher_s_patterns_may_ask_for_salience(nlp):
    doc = nlp(TEXT)
    matcher, least = Matcher(nlp.vocab), float(np.sort(doc._.salience)[-2])
    matcher.add("salient", [[{"_": {"salience": {">=": least}}}]])
    found = [start for _, start, _ in matcher(doc)]
    assert found == sorted(np.argsort(doc._.salience)[-2:])


@pytest.mark.parametrize("name", ["salience", "attention"])
def test_what_is_written_after_a_reading_is_checked_again(nlp, name):
    doc = nlp(TEXT)
    assert doc._.salience is not None
    doc._.set(name, [0.5] * 3)
    with pytest.raises(AnnotationError, match=rf"^doc\._\.{name}: .* 7 tokens, found 3; tokens"):
        _ = doc._.salience
