"""Groups of tokens, and which tokens are other words."""

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from salience.testing import random_floats
from spacy_salience.explanations.groups import OTHER_WORDS, Groups, groups_of, words_of

VOCAB = spacy.blank("en").vocab


def words(*texts, vocab=VOCAB):
    return words_of(list(Doc(vocab, words=texts)))


@pytest.mark.parametrize(
    "text",
    ["the", "The", "THE", "\ufeffthe", "th\u00ade", "\uff54\uff48\uff45", "n't", "n\u02bct", "'s"],
    ids=ascii,
)  # fmt: skip
def test_a_stop_word_is_one_in_any_spelling(text):
    assert words(text) == [None]


@pytest.mark.parametrize(
    "text",
    [",", "...", "\u2026", "\u3002", "-", "\u2014", "===", "$", "+", "|", "\u2192", "\u2605", "<",
     " ", "\n\n", "\t", "\u200b", "\ufeff", "\u00ad", "\U0001f600", "\u2764\ufe0f", "`", "\u00b4"],
    ids=ascii,
)  # fmt: skip
def test_what_has_no_letter_and_no_digit_is_another_word(text):
    assert words(text) == [None]


@pytest.mark.parametrize(
    "text", ["harbour", "Harbour", "2", "1,000", "\u6e2f", "\u0645\u064a", "C++", "@ann", "x"]
)
def test_a_word_with_a_letter_or_a_digit_is_a_content_word(text):
    assert words(text) == [text.lower()]


def test_the_norm_says_what_a_piece_of_a_contraction_is():
    nlp = spacy.blank("en")
    doc = nlp("It won't freeze, \u2019cause we'll leave")
    assert [token.norm_ for token in doc][1] == "will"
    found = [word for word in words_of(list(doc)) if word]
    assert found == ["freeze", "leave"]
    assert words("wo") == ["wo"]  # which stands for nothing by itself
    doc = Doc(VOCAB, words=["harbour", "harbour"])
    doc[1].norm_ = "the"
    assert words_of(list(doc)) == ["harbour", None]


def test_users_say_which_words_are_stop_words():
    nlp = spacy.blank("en")
    nlp.vocab["not"].is_stop = False
    nlp.vocab["harbour"].is_stop = True
    assert words("not", "harbour", "Harbour", vocab=nlp.vocab) == ["not", None, None]


def test_a_language_without_stop_words_has_signs():
    vocab = spacy.blank("xx").vocab
    assert words("the", ",", "cat", vocab=vocab) == ["the", None, "cat"]
    assert words("the", ",", vocab=spacy.vocab.Vocab()) == ["the", None]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("caf\u00e9", "cafe\u0301"),
        ("har\u00adbour", "Harbour"),
        ("o\ufb03ce", "office"),
        ("o\u2019clock", "o'clock"),
        ("twenty\u2010one", "twenty-one"),
        ("\uff30\uff4f\uff52\uff54", "port"),
        ("\u200bport", "port\u200d"),
    ],
    ids=ascii,
)
def test_spellings_of_one_word_are_one_group(one, other):
    found = groups_of(list(Doc(VOCAB, words=[one, "the", other, "sea"])), "word")
    assert len(found.labels) == 3
    np.testing.assert_array_equal(found.places, [0, 2, 0, 1])


@pytest.mark.parametrize("by", ["word", "entity"])
def test_other_words_are_the_last_group_where_there_are_any(by):
    found = groups_of(list(Doc(VOCAB, words=["The", "sea", ",", "port"])), by)
    assert found.labels == ("sea", "port", OTHER_WORDS)
    assert found.others
    np.testing.assert_array_equal(found.places, [2, 0, 2, 1])
    found = groups_of(list(Doc(VOCAB, words=["sea", "port"])), by)
    assert found.labels == ("sea", "port")
    assert not found.others
    found = groups_of([], by)
    assert (found.labels, found.others, found.places.shape) == ((), False, (0,))
    found = groups_of(list(Doc(VOCAB, words=["the", "."])), by)
    assert found.labels == (OTHER_WORDS,)
    np.testing.assert_array_equal(found.places, [0, 0])


def test_tokens_are_never_grouped_by_token():
    tokens = list(Doc(VOCAB, words=["The", "sea", ",", "the"]))
    found = groups_of(tokens, "token")
    assert found.labels == ("The", "sea", ",", "the")
    assert not found.others


def test_sums_over_groups():
    rows, weights = random_floats(9, 3), random_floats(9, seed=1)
    places = np.array([2, 0, 0, 1, 2, 4, 4, 0, 2])
    found = Groups(tuple("abcde"), places).sums(weights, rows)
    want = [(weights[places == g, None].astype(float) * rows[places == g]).sum(0) for g in range(5)]
    np.testing.assert_allclose(found, want, atol=1e-12)
    assert found.dtype == np.float64
