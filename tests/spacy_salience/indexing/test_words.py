"""BM25 shares, compared with the formula."""

import math

import numpy as np
import pytest

from spacy_salience.indexing.words import words_scored

PASSAGES = [["cat", "mat", "cat"], ["dog"], [], ["cat", "dog", "dog", "house", "house"]]


def idf(count):
    return math.log(1 + (len(PASSAGES) - count + 0.5) / (count + 0.5))


def bm25(words, word, count):
    times, mean = words.count(word), sum(map(len, PASSAGES)) / len(PASSAGES)
    return idf(count) * times / (times + 1.5 * (1 - 0.75 + 0.75 * len(words) / mean))


def test_shares_are_of_the_formula():
    words = words_scored(PASSAGES)
    found = words.shares(["cat", "house", "unknown"], len(PASSAGES))
    bound = idf(2) + idf(1) + idf(0)
    wanted = [(bm25(each, "cat", 2) + bm25(each, "house", 1)) / bound for each in PASSAGES]
    assert found == pytest.approx(wanted, rel=1e-5)
    assert words.rarity("cat") == pytest.approx(idf(2))


@pytest.mark.parametrize("question", [[], ["unknown"]])
def test_a_question_without_known_words_has_no_share(question):
    assert not words_scored(PASSAGES).shares(question, len(PASSAGES)).any()


@pytest.mark.parametrize("passages", [[], [[], []]])
def test_there_may_be_no_words_at_all(passages):
    assert np.array_equal(words_scored(passages).shares(["cat"], len(passages)),
                          np.zeros(len(passages), np.float32))  # fmt: skip
