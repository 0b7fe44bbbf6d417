"""What spaCy's users do with a pipeline: streams, errors, analysis, selection, two of us."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.training import Example

from salience.errors import AnnotationError, RangeError
from salience.model.weights import save
from salience.testing import random_weights

from ..conftest import TEXTS, WORDS, pipeline
from ..models.test_network import SMALL, network_pipeline

RESULTS = ("salience", "salience_vector", "attention")


def results(doc):
    return [doc.tensor, *(doc._.get(name) for name in RESULTS)]


def same(docs, others):
    for doc, other in zip(docs, others, strict=True):
        assert doc.text == other.text
        for a, b in zip(results(doc), results(other), strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.fixture(params=["frozen", "learns"])
def each(request, model_file):
    learns = request.param == "learns"
    return network_pipeline(model_file, "file") if learns else pipeline(model_file)


def spoilt(nlp, text):
    """A Doc whose words cannot be looked up: their norm is the hash of no string."""
    doc = nlp.make_doc(text)
    return doc.from_array(["NORM"], np.full(len(doc), 12345, dtype=np.uint64))


@pytest.mark.parametrize("batch_size", [1, 3, 1000])
def test_a_stream_in_batches_of_any_size(each, batch_size):
    alone = [each(text) for text in TEXTS]
    same(each.pipe(iter(TEXTS), batch_size=batch_size), alone)
    pairs = each.pipe(zip(TEXTS, "abcde", strict=True), batch_size=batch_size, as_tuples=True)
    docs, contexts = zip(*pairs, strict=True)
    same(docs, alone)
    assert "".join(contexts) == "abcde"


def test_a_stream_without_end_is_read_no_further_than_a_batch(each):
    taken = []

    def texts():
        while True:
            taken.append("the cat")
            yield "the cat"

    stream = each.pipe(texts(), batch_size=4)
    for _ in range(5):
        next(stream)
    assert len(taken) == 8


@pytest.mark.parametrize("batch_size", [1, 3, 1000])
def test_a_document_that_fails_goes_alone_to_the_handler(each, batch_size):
    handed_over = []
    each.set_error_handler(lambda name, component, docs, error: handed_over.append((name, docs)))
    docs = [each.make_doc(text) for text in TEXTS]
    docs.insert(1, spoilt(each, "first"))
    docs.insert(4, spoilt(each, "second one"))
    pairs = [(doc, doc.text) for doc in docs]
    found = list(each.pipe(pairs, batch_size=batch_size, as_tuples=True))
    same([doc for doc, _ in found], [each(text) for text in TEXTS])
    assert [context for _, context in found] == TEXTS
    assert [(name, *(doc.text for doc in docs)) for name, docs in handed_over] == [
        ("salience", "first"), ("salience", "second one")
    ]  # fmt: skip
    assert handed_over[0][1][0]._.salience is None


def test_a_document_that_fails_by_itself(each):
    text = r"^token\.norm: expected a word that doc\.vocab\.strings knows, found the hash 12345; "
    with pytest.raises(AnnotationError, match=text):
        each(spoilt(each, "first"))
    handed_over = []
    each.set_error_handler(lambda name, component, docs, error: handed_over.extend(docs))
    with pytest.raises(ValueError, match="E005"):  # spaCy's, of a component that returns nothing
        each(spoilt(each, "first"))
    assert [doc.text for doc in handed_over] == ["first"]


@pytest.mark.parametrize("variant", ["frozen", "file", "vectors", "floret"])
def test_words_of_a_memory_zone_leave_nothing_behind(model_file, variant):
    """Words met inside a zone are looked up afresh outside it, and are the same."""

    def made():
        frozen = variant == "frozen"
        return pipeline(model_file) if frozen else network_pipeline(model_file, variant)

    texts = ["quite unheardof words", "cold yesterwords of the cat", "quite unheardof words"]
    nlp, fresh = made(), [[np.array(a) for a in results(doc)] for doc in made().pipe(texts)]
    for _ in range(2):
        with nlp.memory_zone():
            inside = [[np.array(a) for a in results(doc)] for doc in nlp.pipe(texts)]
    assert "unheardof" not in nlp.vocab.strings
    outside = [results(nlp(text)) for text in texts]
    for found in (inside, outside):
        for some, others in zip(found, fresh, strict=True):
            for a, b in zip(some, others, strict=True):
                np.testing.assert_array_equal(a, b)


def test_analysis_shows_what_is_assigned(each, capsys):
    each.add_pipe("merge_entities")
    found = each.analyze_pipes(pretty=True)
    shown = capsys.readouterr().out
    assigned = ["doc.tensor", *(f"doc._.{name}" for name in RESULTS), "token._.salience"]
    assert found["summary"]["salience"]["assigns"] == assigned
    assert found["summary"]["salience"]["retokenizes"] is False
    assert found["problems"]["salience"] == []
    for attr in assigned:
        assert found["attrs"][attr] == {"assigns": ["salience"], "requires": []}
        assert attr in shown


def test_a_selection_of_components(each):
    want = each(TEXTS[0])
    with each.select_pipes(disable="salience"):
        doc = each(TEXTS[0])
        assert doc._.salience is None
        assert not doc.tensor.size
        assert not doc.user_hooks
    assert next(each.pipe(TEXTS[:1], disable=["salience"]))._.salience is None
    same([each(TEXTS[0])], [want])
    each.add_pipe("sentencizer")
    with each.select_pipes(enable="salience"):
        same([each(TEXTS[0])], [want])


def test_it_is_renamed_and_removed(each):
    want = each(TEXTS[0])
    each.rename_pipe("salience", "mine")
    same([each(TEXTS[0])], [want])
    assert each.analyze_pipes()["summary"]["mine"]["assigns"][0] == "doc.tensor"
    with pytest.raises(RangeError, match=r"ask for at most"):
        each.get_pipe("mine").attention(Doc(each.vocab, words=["cold"] * 20_000))
    name, component = each.remove_pipe("mine")
    assert (name, component.name) == ("mine", "mine")
    assert each(TEXTS[0])._.salience is None


def test_evaluating_leaves_the_scores_to_others(each):
    examples = [Example.from_dict(each.make_doc(text), {}) for text in TEXTS]
    assert "salience" not in str(each.evaluate(examples))


@pytest.fixture
def two(model_file, tmp_path):
    """Two components of other widths, the first learning and the second frozen, and each alone."""
    save(random_weights(WORDS, seed=5), tmp_path / "other.safetensors")
    both = network_pipeline(model_file)
    second = {"model": {"pretrained": str(tmp_path / "other.safetensors")}}
    both.add_pipe("salience", name="second", config=second)
    alone = spacy.blank("en")
    alone.add_pipe("salience", config=second)
    return both, network_pipeline(model_file), alone


def test_of_two_components_the_last_one_s_results_stay_whole(two):
    both, first, second = two
    same(both.pipe(TEXTS), second.pipe(TEXTS))
    with both.select_pipes(disable="second"):
        same(both.pipe(TEXTS), first.pipe(TEXTS))
    doc = both.get_pipe("salience")(both(TEXTS[1]))
    same([doc], [first(TEXTS[1])])
    for a, b in zip(
        (doc.vector, doc[2].vector, doc[1:4].vector, doc.vector_norm),
        (lambda d: (d.vector, d[2].vector, d[1:4].vector, d.vector_norm))(first(TEXTS[1])),
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
    analysed = both.analyze_pipes()["attrs"]["doc._.salience"]["assigns"]
    assert analysed == ["salience", "second"]


def test_each_of_two_components_attends_by_itself(two):
    both, first, second = two
    doc = both(TEXTS[1])
    for name, alone in (("salience", first), ("second", second)):
        found, want = both.get_pipe(name), alone.get_pipe("salience")
        np.testing.assert_array_equal(found.attention(doc), want.attention(doc))
    np.testing.assert_allclose(
        both.get_pipe("second").attention(doc).mean(axis=(0, 1)), doc._.attention, atol=1e-6
    )


def test_each_of_two_components_is_saved(two, tmp_path):
    both, _, _ = two
    both.to_disk(tmp_path / "both")
    other = spacy.load(tmp_path / "both")
    assert other.pipe_names == ["salience", "second"]
    for names in ([], ["second"], ["salience"]):
        same(both.pipe(TEXTS, disable=names), other.pipe(TEXTS, disable=names))


def test_a_document_the_last_component_refuses_is_not_half_written(two):
    both, first, _ = two
    handed_over = []
    both.set_error_handler(lambda name, component, docs, error: handed_over.extend(docs))
    both.get_pipe("second").model.shims.clear()
    assert list(both.pipe(TEXTS[:2])) == []
    same(handed_over, first.pipe(TEXTS[:2]))


def test_another_component_of_the_same_kind_in_the_config(model_file):
    nlp = pipeline(model_file)
    nlp.add_pipe("salience", name="second", config={"model": SMALL})
    nlp.initialize()
    other = spacy.blank("en").from_config(nlp.config)
    assert other.config == nlp.config
    other.from_bytes(nlp.to_bytes())
    same(nlp.pipe(TEXTS), other.pipe(TEXTS))
