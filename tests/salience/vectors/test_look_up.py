"""Nearest words, analogies and the odd one out, judged by their formulas in NumPy."""

import numpy as np
import pytest

from salience.errors import DtypeError, RangeError, ShapeError
from salience.vectors.look_up import (
    ANALOGIES_AT_ONCE,
    EPSILON,
    analogies,
    analogy,
    nearest,
    odd_one_out,
)
from salience.vectors.word_vectors import WordVectors

from .tables import CAPITALS, FRUIT, PLACES, at_random, floret, grams, of_structure, unit

METRICS = {
    "cosine": lambda one, rows: unit(rows) @ unit(one),
    "dot": lambda one, rows: rows @ one,
    "euclidean": lambda one, rows: np.linalg.norm(rows - one, axis=1),
}


def ranked(vectors, scores, k, left, ascending=False):
    """The first k words by their scores, without those that are left out."""
    order = np.argsort(scores if ascending else -scores, kind="stable")
    return [(vectors.words[n], scores[n]) for n in order if vectors.words[n] not in left][:k]


def agree(found, wanted):
    assert [near.word for near in found] == [word for word, _ in wanted]
    np.testing.assert_allclose(
        [near.score for near in found], [score for _, score in wanted], rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("more", [{}, {"ngrams": grams()}, {"row_of": np.arange(60)[::-1]}])
def test_nearest_words_are_those_of_all_pairs(metric, more):
    vectors = at_random(**more)
    rows = vectors.vectors(vectors.words).astype(np.float64)
    scores = METRICS[metric](rows[5], rows)
    found = nearest(vectors, "w5", 8, metric=metric)
    agree(found, ranked(vectors, scores, 8, {"w5"}, metric == "euclidean"))


@pytest.mark.parametrize("metric", METRICS)
def test_a_vector_is_asked_for_and_words_left_out(metric):
    vectors = at_random()
    query = np.random.default_rng(9).normal(size=7)
    left = {near.word for near in nearest(vectors, query, 3, metric=metric)}
    scores = METRICS[metric](query, vectors.rows.astype(np.float64))
    found = nearest(vectors, query, 5, metric=metric, leave_out=left)
    agree(found, ranked(vectors, scores, 5, left, metric == "euclidean"))


def test_an_unknown_word_is_found_by_its_ngrams():
    vectors = at_random(ngrams=grams())
    assert vectors.index("w5w6") is None
    query = vectors.vectors(["w5w6"])[0]
    assert nearest(vectors, "w5w6", 4) == nearest(vectors, query, 4)


def test_more_words_than_there_are():
    vectors = at_random(5)
    assert {near.word for near in nearest(vectors, "w0", 100)} == {"w1", "w2", "w3", "w4"}
    assert {near.word for near in analogy(vectors, "w0", "w1", "w2", 100)} == {"w3", "w4"}
    found = analogy(vectors, "w0", "w1", "w2", 100, method="multiply")
    assert {near.word for near in found} == {"w3", "w4"}


def formula(vectors, question, method):
    rows = unit(vectors.all_vectors)
    a, b, c = (rows[vectors.words.index(word)] for word in question)
    if method == "add":
        return rows @ unit(b - a + c)
    to_a, to_b, to_c = ((rows @ each + 1) / 2 for each in (a, b, c))
    return to_b * to_c / (to_a + EPSILON)


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_analogies_are_those_of_the_formula(method):
    vectors, question = at_random(), ("w3", "w14", "w15")
    found = analogy(vectors, *question, 9, method=method)
    agree(found, ranked(vectors, formula(vectors, question, method), 9, set(question)))


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_many_analogies_are_answered_as_one_is(method):
    vectors = at_random()
    words = np.random.default_rng(4).choice(vectors.words, (ANALOGIES_AT_ONCE + 3, 3)).tolist()
    questions = [tuple(each) for each in words]
    many = analogies(vectors, questions, 2, method=method)
    for question, found in zip(questions, many, strict=True):
        agree(found, ranked(vectors, formula(vectors, question, method), 2, set(question)))
    assert analogies(vectors, [], method=method) == []


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_capitals_answer_each_other(method):
    vectors = of_structure()
    for place, capital in zip(PLACES[1:], CAPITALS[1:], strict=True):
        assert analogy(vectors, "france", "paris", place, 1, method=method)[0].word == capital


def test_the_odd_one_out_fits_the_mean_least():
    vectors = at_random()
    words = vectors.words[10:16]
    rows = unit(vectors.rows[10:16])
    fits = rows @ unit(rows.mean(axis=0))
    assert odd_one_out(vectors, words) == words[int(fits.argmin())]
    assert odd_one_out(of_structure(), [FRUIT[0], "rome", *FRUIT[1:]]) == "rome"


@pytest.mark.parametrize(
    "ask",
    [
        lambda vectors: nearest(vectors, "nowhere"),
        lambda vectors: analogy(vectors, "w1", "w2", "nowhere"),
        lambda vectors: analogy(vectors, "nowhere", "w2", "w1", method="multiply"),
        lambda vectors: odd_one_out(vectors, ["w1", "w2", "nowhere"]),
    ],
)
def test_an_unknown_word_is_named(ask):
    with pytest.raises(RangeError, match="'nowhere'; give another word"):
        ask(at_random())


def test_a_word_of_another_case_is_hinted_at():
    with pytest.raises(RangeError, match="'W3'; 'w3' has"):
        nearest(at_random(), "W3")


@pytest.mark.parametrize(
    ("error", "message", "ask"),
    [
        (RangeError, "k", lambda vectors: nearest(vectors, "w1", 0)),
        (RangeError, "k", lambda vectors: analogy(vectors, "w1", "w2", "w3", 0)),
        (RangeError, "metric", lambda vectors: nearest(vectors, "w1", metric="near")),
        (RangeError, "method", lambda vectors: analogies(vectors, [], method="divide")),
        (ShapeError, "query", lambda vectors: nearest(vectors, np.ones(3))),
        (DtypeError, "query", lambda vectors: nearest(vectors, np.array(["a"] * 7))),
        (RangeError, "finite", lambda vectors: nearest(vectors, np.full(7, np.nan))),
        (RangeError, "three different", lambda vectors: odd_one_out(vectors, ["w1", "w2", "w1"])),
    ],
)
def test_what_cannot_be_asked_is_refused(error, message, ask):
    with pytest.raises(error, match=message):
        ask(at_random())


def test_ngrams_alone_have_no_words_to_find():
    with pytest.raises(RangeError, match="n-grams alone"):
        nearest(floret(), "anything")
    with pytest.raises(RangeError, match="n-grams alone"):
        analogy(floret(), "one", "two", "three")


def test_no_direction_is_no_answer_of_nan():
    rows = np.array([[0, 0], [1, 0], [0, 1], [1, 1]], dtype=np.float32)
    vectors = WordVectors(["zero", "x", "y", "xy"], rows)
    for found in (
        nearest(vectors, "zero"),
        analogy(vectors, "zero", "x", "y"),
        analogy(vectors, "zero", "x", "y", method="multiply"),
    ):
        assert np.isfinite([near.score for near in found]).all()
