"""What a text says is not drowned by what it is decorated with, or by its code points."""

import itertools

import numpy as np
import pytest
import spacy

BAKING = ("Guide to baking bread", "Mix flour and water.")
TAXES = ("Changes in tax law", "The parliament voted.")
RULERS = (
    "=" * 21, "#" * 30, "|" * 40, "> > > > >", "*" * 20, "-=-=-=-=-=-", "+---+---+---+",
    "\u2501" * 40, "\u2591\u2592\u2593\u2588" * 5, "\u2605" * 5, "!" * 10, "{{{{ }}}}",
    "_" * 30, "~" * 30, "=====\n=====", "<<<<<<< >>>>>>>", "/" * 60, "\\" * 20,
)  # fmt: skip
SIGNS = (
    "\U0001f600", "\U0001f620", "\u2764\ufe0f", "\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u2192", "\u2022", "\u2605", "1\ufe0f\u20e3",
    "\u2122", "\u00a9", "\u2026", "\u2014", "\u00af", "\u26a0\ufe0f", "\U0001fae0",
    "\U0001f602" * 4,
)  # fmt: skip
UNRELATED = [("I love this", "The parliament voted"), ("Great food", "Slow train")]
ALIKE = [("I love this", "I like that"), ("The cat sat on the mat", "The dog lay on the rug")]
SPELLINGS = [
    ("cafe\u0301", "caf\u00e9"),
    ("Zu\u0308rich", "Z\u00fcrich"),
    ("o\ufb03ce", "office"),
    ("\uff46\uff55\uff4c\uff4c\u3000\uff57\uff49\uff44\uff54\uff48", "full width"),
    ("in\u00adfor\u00adma\u00adtion", "information"),
    ("in\u200bfor\u200bmation", "information"),
    ("\ufeffHello", "Hello"),
    ("\U0001d41b\U0001d428\U0001d425\U0001d41d", "bold"),
    ("10\u00a0km", "10 km"),
    ("/>hello", "hello"),
]
CONTRACTIONS = ["I don{}t know", "can{}t stop", "it{}s fine", "we{}re here", "they{}ll come"]


@pytest.fixture(scope="module")
def nlp():
    nlp = spacy.blank("en")
    nlp.add_pipe("salience")
    return nlp


@pytest.fixture(scope="module")
def similarity(nlp):
    return lambda a, b: nlp(a).similarity(nlp(b))


@pytest.mark.parametrize("ruler", RULERS, ids=ascii)
def test_a_ruler_says_nothing(similarity, ruler):
    plain = similarity("\n".join(BAKING), "\n".join(TAXES))
    ruled = [f"\n{ruler}\n".join(each) for each in (BAKING, TAXES)]
    assert similarity(*ruled) == pytest.approx(plain, abs=0.1)
    assert similarity(ruled[0], "\n".join(BAKING)) > 0.95


@pytest.mark.parametrize("sign", SIGNS, ids=ascii)
@pytest.mark.parametrize(("a", "b"), UNRELATED + ALIKE)
def test_a_sign_moves_a_similarity_by_less_than_a_tenth(similarity, sign, a, b):
    plain = similarity(a, b)
    for put in ("{} {}", "{1} {0}", "{}{}"):
        assert similarity(put.format(a, sign), put.format(b, sign)) == pytest.approx(plain, abs=0.1)
        assert similarity(put.format(a, sign), b) == pytest.approx(plain, abs=0.1)
        assert similarity(put.format(a, sign), a) > 0.9


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SIGNS[:6], 2)), ids=ascii)
def test_signs_that_differ_leave_equal_texts_alike(similarity, one, other):
    assert similarity(f"I love this {one}", f"I love this {other}") > 0.9


def test_how_often_a_sign_is_repeated_does_not_matter(nlp):
    once, often = nlp("Good bread = good day"), nlp("Good bread ======== good day")
    np.testing.assert_array_equal(once.vector, often.vector)
    repeated = [token._.salience for token in often if token.text == "="]
    assert sum(repeated) == pytest.approx(once[2]._.salience, rel=1e-5)
    assert often._.salience.sum() == pytest.approx(1, abs=1e-5)


def test_an_emoji_of_several_code_points_weighs_as_one(nlp):
    plain = nlp("good \U0001f44d day")
    toned = nlp("good \U0001f44d\U0001f3fd day")
    np.testing.assert_array_equal(plain.vector, toned.vector)
    family = nlp("good \U0001f468\u200d\U0001f469\u200d\U0001f467 day")
    assert sum(family._.salience[1:-1]) < 2 * plain[1]._.salience + 1e-3


@pytest.mark.parametrize(("written", "usual"), SPELLINGS, ids=ascii)
def test_a_word_in_other_code_points_is_the_same_word(similarity, written, usual):
    assert similarity(written, usual) == pytest.approx(1, abs=1e-5)
    assert similarity(f"We saw {written} there", f"We saw {usual} there") > 0.98


@pytest.mark.parametrize(
    "apostrophe", ["\u00b4", "`", "\u2019", "\u02bc", "\uff07", "\u2032"], ids=ascii
)
@pytest.mark.parametrize("text", CONTRACTIONS)
def test_a_contraction_is_read_with_any_apostrophe(similarity, text, apostrophe):
    assert similarity(text.format(apostrophe), text.format("'")) > 0.9


@pytest.mark.parametrize(
    "text", [" ", "\n\n\t", "\u00a0", "\u200b\ufeff", "\u3000 \u2028", "\u3164"]
)
def test_blank_is_nothing(nlp, text):
    doc = nlp(text)
    assert not doc.vector.any()
    assert not doc.has_vector
    assert not doc._.salience.any()
    assert doc.similarity(nlp("hello")) == doc.similarity(nlp("  ")) == doc.similarity(nlp("")) == 0


def test_white_space_between_words_changes_nothing(nlp):
    plain, spaced = nlp("Hello world again"), nlp("  Hello \n world\n\n\u3000again \t")
    np.testing.assert_array_equal(plain.vector, spaced.vector)
    words = [token.i for token in spaced if not token.is_space]
    np.testing.assert_array_equal(spaced.tensor[words], plain.tensor)
    np.testing.assert_array_equal(spaced._.salience[words], plain._.salience)


def test_attention_has_a_row_for_each_token_and_none_of_a_blank(nlp):
    doc = nlp("Hello  world === again")
    weights = nlp.get_pipe("salience").attention(doc)
    assert weights.shape[1:] == (len(doc), len(doc))
    blank = np.array([token.is_space for token in doc])
    np.testing.assert_allclose(
        weights.sum(-1), np.broadcast_to(~blank, weights.shape[:2]), atol=1e-5
    )
    assert not weights[:, :, blank].any()


def test_nearest_words_are_words_each_once(nlp):
    grinning = nlp("grinning")[0].vector
    words = [word for word, _ in nlp.get_pipe("salience").nearest_words(grinning, 30)]
    assert len(words) == 30
    assert all(any(map(str.isalnum, word)) for word in words)
