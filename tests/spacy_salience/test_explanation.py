"""An explanation is the score, pair by pair, and nothing else."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from salience.errors import AnnotationError, RangeError
from salience.testing import random_floats
from spacy_salience import explain, explanation, groups, similarity

from ..salience.helpers import run_python
from .conftest import TEXTS, WORDS, pipeline
from .test_network import network_pipeline

texts = st.lists(st.sampled_from([*WORDS, "unheardof", "Cat", "\n", "$"]), max_size=30).map(
    " ".join
)


@pytest.fixture(scope="module")
def shared(model_file):
    nlp = pipeline(model_file)
    nlp.add_pipe("sentencizer")
    return nlp


def formula(a, b):
    """s_i s_j (v_i . v_j) / (|d_a| |d_b|), from the whole documents' results, in float64."""
    terms = []
    for item in (a, b):
        doc, first, last = (
            (item, 0, len(item)) if isinstance(item, Doc) else (item.doc, item.start, item.end)
        )
        s = doc._.salience[first:last].astype(float)
        v = doc.tensor[first:last].astype(float).reshape(last - first, doc._.salience_vector.size)
        d = (s / max(s.sum(), 1e-300)) @ v
        terms.append((s / max(s.sum(), 1e-300))[:, None] * v / max(np.linalg.norm(d), 1e-300))
    return terms[0] @ terms[1].T


@settings(max_examples=40, deadline=None)
@given(texts, texts, st.data())
def test_contributions_follow_the_formula_and_sum_to_the_score(shared, left, right, data):
    items = [shared(left), shared(right)]
    for place, doc in enumerate(items):
        if data.draw(st.booleans()):
            first = data.draw(st.integers(0, len(doc)))
            items[place] = doc[first : data.draw(st.integers(first, len(doc)))]
    found = explain(*items)
    assert found.score == similarity(*items)
    assert found.contributions.shape == (len(items[0]), len(items[1]))
    assert found.contributions.dtype == np.float64
    assert abs(found.contributions.sum() - found.score) < 1e-6
    np.testing.assert_allclose(found.contributions, formula(*items), atol=1e-6)
    for unit in ("word", "entity", "sentence"):
        grouped = found.by(unit)
        assert grouped.score == found.score
        assert abs(grouped.contributions.sum() - found.score) < 1e-6
        direct = explain(*items, by=unit)
        assert direct.labels == grouped.labels
        np.testing.assert_allclose(direct.contributions, grouped.contributions, atol=1e-12)


def test_the_embedded_model_too(en_small):
    a, b = en_small("The harbour froze, the harbour slept."), en_small("Ice closed the port.")
    found = explain(a, b)
    assert abs(found.contributions.sum() - a.similarity(b)) < 1e-6
    np.testing.assert_allclose(found.contributions, formula(a, b), atol=1e-6)
    assert found.labels[1] == ("Ice", "closed", "the", "port", ".")
    left, right, value = found.top(1)[0]
    assert (left, right) == ("harbour", "port")
    assert value == found.contributions.max()


@pytest.mark.parametrize("variant", ["plain", "no attention", "file"])
def test_an_encoder_that_learns(model_file, variant):
    nlp = network_pipeline(model_file, variant)
    a, b = nlp(TEXTS[0]), nlp(TEXTS[1])
    found = explain(a, b)
    assert abs(found.contributions.sum() - similarity(a, b)) < 1e-6
    np.testing.assert_allclose(found.contributions, formula(a, b), atol=1e-6)


def test_words_are_summed_over_their_places(shared):
    found = explain(shared("The cat sat, the CAT slept"), shared("a cat"))
    by_word = found.by("word")
    assert by_word.labels == (("the", "cat", "sat", ",", "slept"), ("a", "cat"))
    want = found.contributions[[0, 4]].sum(axis=0), found.contributions[[1, 5]].sum(axis=0)
    np.testing.assert_allclose(by_word.contributions[:2], want, atol=1e-15)


def test_entities_are_taken_together_and_other_tokens_alone(shared):
    doc, other = shared("The New Harrow cat and Ada Byron"), shared("dog")
    doc.ents = [Span(doc, 1, 3, "GPE"), Span(doc, 5, 7, "PERSON")]
    found = explain(doc, other, by="entity")
    assert found.labels[0] == ("The", "New Harrow", "cat", "and", "Ada Byron")
    of_tokens = explain(doc, other).contributions
    np.testing.assert_allclose(found.contributions[1], of_tokens[1:3].sum(axis=0), atol=1e-15)
    assert explain(doc[2:6], other, by="entity").labels[0] == ("Harrow", "cat", "and", "Ada")


def test_sentences_of_a_doc_and_of_a_span(shared):
    doc = shared("The cat sat. It was cold.\nThe dog was warm.")
    found = explain(doc, shared("warm"), by="sentence")
    assert found.labels[0] == ("The cat sat.", "It was cold.", "\nThe dog was warm.")
    assert explain(doc[2:6], doc, by="sentence").labels[0] == ("sat.", "It was")
    assert found.by("sentence") is found


def test_without_sentences_it_says_what_to_add(nlp):
    a, b = nlp("the cat"), nlp("the dog")
    text = r'expected a document with sentence boundaries, found none; add nlp\.add_pipe\("sent'
    with pytest.raises(AnnotationError, match=text):
        explain(a, b, by="sentence")
    found = explain(a, b)
    for _ in range(2):
        with pytest.raises(AnnotationError, match=text):
            found.by("sentence")
    assert found.by("word").contributions.shape == (2, 2)


def test_tokens_can_be_explained(shared):
    a, b = shared("the cat"), shared("a dog sat")
    found = explain(a[1], b)
    assert found.labels[0] == ("cat",)
    assert abs(found.contributions.sum() - similarity(a[1], b)) < 1e-6


def test_an_empty_document(shared):
    found = explain(shared(""), shared("the cat"))
    assert found.score == 0
    assert found.contributions.shape == (0, 2)
    assert found.top() == []
    assert "0 x 2" in str(found)
    assert explain(shared(""), shared("")).contributions.shape == (0, 0)
    assert found.by("sentence").contributions.shape == (0, 1)


def test_a_document_without_a_direction_has_no_contributions(shared):
    doc, other = shared("the cat"), shared("dog")
    doc._.salience_vector = np.zeros(16, dtype=np.float32)
    found = explain(doc, other)
    assert found.score == 0
    assert not found.contributions.any()


def test_a_document_of_which_a_part_was_changed_is_refused(shared):
    doc = shared("the cat sat")
    doc._.salience = np.array([1, 0, 0], dtype=np.float32)
    with pytest.raises(AnnotationError, match="one of them was changed: run the document"):
        explain(doc, shared("dog"))


def test_rounding_of_a_long_document_is_shared_out(shared):
    doc = Doc(shared.vocab, words=WORDS * 2000)
    doc = shared.get_pipe("salience")(doc)
    other = shared("the dog was cold")
    found = explain(doc, other)
    assert abs(found.contributions.sum() - found.score) < 1e-7
    np.testing.assert_allclose(found.contributions, formula(doc, other), atol=1e-6)


def test_top_is_of_both_signs_and_by_magnitude(en_small):
    a, b = en_small("The harbour froze at 30 degrees."), en_small("Nonsense 500 \u00dcnsinn cats")
    found = explain(a, b)
    values = [value for _, _, value in found.top(25)]
    assert any(value < 0 for value in values)
    assert any(value > 0 for value in values)
    want = sorted(np.abs(found.contributions).ravel(), reverse=True)[:25]
    np.testing.assert_array_equal(np.abs(values), want)
    assert found.top(5) == found.top(25)[:5]
    assert len(found.top(10**6)) == found.contributions.size
    assert found.top(0) == []
    with pytest.raises(RangeError, match=r"^top: n must be a whole number >= 0, got -1"):
        found.top(-1)


@pytest.mark.parametrize("chunk", [1, 7, 64])
def test_chunks_change_nothing(shared, monkeypatch, chunk):
    a, b = shared(TEXTS[1]), shared(TEXTS[4])
    whole, words, pairs = explain(a, b), explain(a, b, by="word"), explain(a, b).top(9)
    for module in (explanation, groups):
        monkeypatch.setattr(module, "CHUNK", chunk)
    np.testing.assert_allclose(explain(a, b).contributions, whole.contributions, atol=1e-15)
    np.testing.assert_allclose(explain(a, b, by="word").contributions, words.contributions)
    assert whole.top(9) == pairs


def test_equals_come_in_the_order_of_the_text(shared):
    ties = explanation.Explanation(0.0, (("a", "b"), ("c", "d")), np.array([[1.0, -2], [-1, 1]]))
    assert ties.top(3) == [("a", "d", -2.0), ("a", "c", 1.0), ("b", "c", -1.0)]


def test_too_many_pairs_are_refused_before_they_are_computed(shared, monkeypatch):
    monkeypatch.setattr(explanation, "MOST_PAIRS", 3 * 4)
    a, b = shared("the cat sat"), shared("the dog. sat on mat")
    text = r"6 pairs of by='token' exceed 12 \(1 GiB\); group them, as by=\"sentence\" does"
    monkeypatch.setattr(explanation, "_unit_sums", None)
    with pytest.raises(RangeError, match=text):
        explain(a, b)
    monkeypatch.undo()
    assert explain(a, b, by="sentence").contributions.shape == (1, 2)


def test_two_books_by_sentence_never_have_all_pairs(shared, monkeypatch):
    words = [*WORDS, "."] * 700
    docs = [shared(Doc(shared.vocab, words=words + ["cat"] * extra)) for extra in (0, 1)]
    with pytest.raises(RangeError, match=r"11900 x 11901 pairs of by='token'"):
        explain(*docs)
    shapes = []
    monkeypatch.setattr(
        explanation, "_frozen", lambda array, frozen=explanation._frozen: (
            shapes.append(array.shape) or frozen(array)
        )
    )  # fmt: skip
    found = explain(*docs, by="sentence")
    assert abs(found.contributions.sum() - found.score) < 1e-6
    assert max(shapes[0]) < 2000


def test_it_refuses_what_similarity_refuses(shared, en_small):
    with pytest.raises(AnnotationError, match=r"nlp\.add_pipe"):
        explain(shared.make_doc("the cat"), shared("cat"))
    with pytest.raises(AnnotationError, match="widths 16 and 256"):
        explain(shared("cat"), en_small("cat"))
    with pytest.raises(AnnotationError, match="got str"):
        explain("cat", shared("cat"))
    for call in (lambda: explain(shared("cat"), shared("cat"), by="letter"),
                 lambda: explain(shared("cat"), shared("cat")).by("letter")):  # fmt: skip
        with pytest.raises(RangeError, match=r"^explain: by must be one of token, word, entity"):
            call()
    with pytest.raises(RangeError, match=r'call explain\(a, b, by="entity"\)'):
        explain(shared("cat"), shared("cat"), by="word").by("entity")


def test_it_cannot_be_changed_and_holds_no_doc(shared):
    found = explain(shared("the cat sat."), shared("a dog"))
    with pytest.raises(FrozenInstanceError):
        found.score = 1.0
    with pytest.raises(ValueError, match="read-only"):
        found.contributions[0, 0] = 1
    back = pickle.loads(pickle.dumps(found))
    np.testing.assert_array_equal(back.contributions, found.contributions)
    assert back.labels == found.labels
    assert len(pickle.dumps(found)) < 5000


def test_as_text_it_is_a_table_that_adds_up(shared):
    found = explain(shared(TEXTS[1]), shared("the cold cat"))
    lines = str(found).splitlines()
    assert lines[0] == f"similarity {found.score:.4f}, by token: {len(found.labels[0])} x 3 pairs"
    assert len(lines) == 12
    left, right, value = found.top(1)[0]
    assert lines[1].split() == [f"{value:+.4f}", left, right]
    assert lines[-1].endswith("others")
    total = sum(float(line.split()[0]) for line in lines[1:])
    assert total == pytest.approx(found.score, abs=1e-3)
    assert repr(found).startswith("Explanation(0.")


def test_sums_over_groups():
    rows, weights = random_floats(9, 3), random_floats(9, seed=1)
    places = np.array([2, 0, 0, 1, 2, 4, 4, 0, 2])
    found = groups.Groups(tuple("abcde"), places).sums(weights, rows)
    want = [(weights[places == g, None].astype(float) * rows[places == g]).sum(0) for g in range(5)]
    np.testing.assert_allclose(found, want, atol=1e-12)
    assert found.dtype == np.float64


def test_it_is_imported_without_numba():
    code = "import sys, spacy_salience; spacy_salience.explain, spacy_salience.keywords;"
    code += "import spacy_salience.pictures; print('numba' in sys.modules)"
    assert run_python(code) == "False"
