"""An explanation is the score, pair by pair, and nothing else."""

import pickle
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc, Span

from salience.errors import AnnotationError, RangeError
from spacy_salience import explain, similarity
from spacy_salience.explanations import explain as explanation
from spacy_salience.explanations import groups

from ...salience.helpers import run_python
from ..conftest import TEXTS, WORDS, pipeline
from ..models.test_network import network_pipeline

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
    assert by_word.labels == (("cat", "sat", "slept", "other words"), ("cat", "other words"))
    assert by_word.others == (True, True)
    for row, places in enumerate(([1, 5], [2], [6], [0, 3, 4])):
        want = found.contributions[places].sum(axis=0)[::-1]
        np.testing.assert_allclose(by_word.contributions[row], want, atol=1e-15)
    np.testing.assert_array_equal(by_word.content, by_word.contributions[:3, :1])


def test_pairs_with_other_words_are_behind_all_pairs_of_content_words(shared):
    found = explain(shared("The cat sat on the mat, and it slept."), shared("the dog was cold"))
    by_word, content = found.by("word"), 4 * 2
    assert abs(by_word.contributions[:, -1]).max() > abs(by_word.content).min()
    pairs = by_word.top(99)
    assert len(pairs) == by_word.contributions.size == 5 * 3
    assert sum(value for *_, value in pairs) == pytest.approx(found.score, abs=1e-6)
    assert [("other words" in pair) for pair in pairs] == [False] * content + [True] * 7
    for part in (pairs[:content], pairs[content:]):
        size = [abs(value) for *_, value in part]
        assert size == sorted(size, reverse=True)
    for n in (0, 3, content, content + 2):
        assert by_word.top(n) == pairs[:n]


def test_a_document_without_content_words_is_explained_by_its_other_words(shared):
    stops, other = shared("it was, and it was of the"), shared("the warm cat")
    found = explain(stops, other, by="word")
    assert found.labels == (("other words",), ("warm", "cat", "other words"))
    assert {left for left, _, _ in found.top()} == {"other words"}
    assert len(found.top()) == 3
    assert explain(stops, stops, by="word").top() == [("other words", "other words", 1.0)]
    assert str(found).splitlines()[1:] == [f"{found.score:+.4f}  other words (3 pairs)"]


def test_a_word_that_is_called_other_words_is_a_content_word(shared):
    component = shared.get_pipe("salience")
    doc = component(Doc(shared.vocab, words=["the", "other words", "cat"]))
    found = explain(doc, component(Doc(shared.vocab, words=["Other words"])), by="word")
    assert found.labels == (("other words", "cat", "other words"), ("other words",))
    assert found.others == (True, False)
    of_tokens = explain(doc, doc).contributions
    by_word = explain(doc, doc, by="word")
    assert by_word.contributions[0, 0] == pytest.approx(of_tokens[1, 1], abs=1e-12)
    assert by_word.contributions[2, 2] == pytest.approx(of_tokens[0, 0], abs=1e-12)
    assert len(by_word.top(4)) == 4
    assert by_word.top(4)[-1][2] in by_word.content


def test_the_strongest_words_of_a_long_text_are_no_stop_words(en_small):
    text = "The ship left the port, and it was not to be seen again by those on the shore. "
    a, b = (
        en_small(text * 40),
        en_small("But the sea was as it had been: cold, and of no use. " * 40),
    )
    found = explain(a, b, by="word")
    assert len(found.top(10)) == 10
    for left, right, _ in found.top(10):
        assert not en_small.vocab[left].is_stop
        assert not en_small.vocab[right].is_stop
    assert abs(found.contributions.sum() - found.score) < 1e-6


def test_entities_are_taken_together_and_other_content_words_alone(shared):
    doc, other = shared("The New Harrow cat, and Ada Byron 's cat"), shared("dog")
    doc.ents = [Span(doc, 1, 3, "GPE"), Span(doc, 6, 8, "PERSON")]
    found = explain(doc, other, by="entity")
    assert found.labels[0] == ("New Harrow", "cat", "Ada Byron", "cat", "other words")
    assert found.others == (True, False)
    of_tokens = explain(doc, other).contributions
    for row, places in enumerate(([1, 2], [3], [6, 7], [9], [0, 4, 5, 8])):
        want = of_tokens[places].sum(axis=0)
        np.testing.assert_allclose(found.contributions[row], want, atol=1e-15)
    assert explain(doc[2:7], other, by="entity").labels[0] == (
        "Harrow",
        "cat",
        "Ada",
        "other words",
    )


def test_stop_words_and_signs_of_an_entity_stay_in_it(shared):
    doc = shared("We saw The Who , and that was it !")
    doc.ents = [Span(doc, 2, 4, "ORG"), Span(doc, 8, 10, "WORK_OF_ART")]
    labels = explain(doc, shared("dog"), by="entity").labels[0]
    assert labels == ("saw", "The Who", "it !", "other words")


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
    assert found.by("word").contributions.shape == (2, 2)  # "the" is in "other words"


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
        monkeypatch.setattr(module, "NUMBERS_AT_ONCE", chunk)
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


def test_by_word_the_table_adds_up_with_other_words_last(shared):
    found = explain(shared(TEXTS[1]), shared("the cold cat and the dog"), by="word")
    lines = str(found).splitlines()
    content = found.content.size
    assert lines[-1].endswith(f"  other words ({found.contributions.size - content} pairs)")
    assert lines[-2].endswith(f"  all {content - 10} others")
    assert not any("other words" in line for line in lines[:-1])
    total = sum(float(line.split()[0]) for line in lines[1:])
    assert total == pytest.approx(found.score, abs=1e-3)


def test_it_is_imported_without_numba():
    code = "import sys, spacy_salience; spacy_salience.explain, spacy_salience.keywords;"
    code += "import spacy_salience.explanations.render; print('numba' in sys.modules)"
    assert run_python(code) == "False"
