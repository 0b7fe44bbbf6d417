import numpy as np
import pytest

from salience.model.vocab import Vocabulary
from salience.testing import random_floats
from salience.training.ngrams import RIDGE, fit_ngram_rows

WORDS = ["cat", "cats", "concat", "dog", "dogs", "do", "a", "🙂"]


def averages(vocabulary):
    """A [words, buckets]: how much of each n-gram row goes into each word."""
    matrix = np.zeros((len(vocabulary.words), vocabulary.buckets))
    for i, word in enumerate(vocabulary.words):
        rows = vocabulary.ngram_rows(word) - 1 - len(vocabulary.words)
        np.add.at(matrix[i], rows, 1 / len(rows))
    return matrix


# With few buckets n-grams of one word collide, with many most rows are unused.
@pytest.mark.parametrize("buckets", [1, 3, 10, 200])
def test_agrees_with_a_direct_solution(buckets):
    vocabulary = Vocabulary(WORDS, buckets)
    vectors, a = random_floats(len(WORDS), 5), averages(Vocabulary(WORDS, buckets))
    want = np.linalg.solve(a.T @ a + RIDGE * np.eye(buckets), a.T @ vectors)
    rows = fit_ngram_rows(vocabulary, vectors)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, want, rtol=1e-3, atol=1e-4)


def test_comes_closer_to_the_words_than_zeros():
    words = [f"{stem}{end}" for stem in ("walk", "talk", "jump") for end in ("", "s", "ed", "ing")]
    vocabulary, vectors = Vocabulary(words, 500), random_floats(12, 8)
    residual = averages(vocabulary) @ fit_ngram_rows(vocabulary, vectors) - vectors
    assert (residual**2).sum() < 0.5 * (vectors**2).sum()


def test_an_ngram_that_no_word_has_gets_zeros():
    vocabulary = Vocabulary(WORDS, 200)
    rows = fit_ngram_rows(vocabulary, random_floats(len(WORDS), 5))
    unused = averages(vocabulary).sum(axis=0) == 0
    assert unused.any()
    assert not rows[unused].any()


def test_without_buckets_there_are_no_rows():
    assert fit_ngram_rows(Vocabulary(WORDS, 0), random_floats(len(WORDS), 5)).shape == (0, 5)


def test_vectors_of_zeros_give_rows_of_zeros():
    assert not fit_ngram_rows(Vocabulary(WORDS, 20), np.zeros((len(WORDS), 3), np.float32)).any()
