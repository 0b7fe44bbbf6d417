"""Figures of word vectors, worked out by hand."""

import math

import numpy as np
import pytest

from salience.errors import RangeError
from salience.vectors.evaluation import Section, analogy_accuracy, total, word_similarity
from salience.vectors.word_vectors import WordVectors

from .tables import CAPITALS, PLACES, floret, of_structure

ANGLES = {"east": 0, "near": 10, "half": 45, "north": 90, "west": 180}
"""Words by the angles of their vectors: cosines fall as angles grow."""


def compass():
    angles = np.radians(list(ANGLES.values()))
    rows = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    return WordVectors(list(ANGLES), rows)


def pairs(*scores):
    return [("east", word, score) for word, score in zip(list(ANGLES)[1:], scores, strict=True)]


@pytest.mark.parametrize(
    ("scores", "correlation"),
    [
        ((9, 7, 5, 1), 1.0),
        ((1, 5, 7, 9), -1.0),
        # d of the ranks = 1, 1, 0, 0: 1 - 6 (1 + 1) / (4 (16 - 1))
        ((7, 9, 5, 1), 1 - 12 / 60),
        # Ranks 4, 3, 2, 1 with 3.5, 3.5, 2, 1: Pearson's of them, as there are ties.
        ((8, 8, 5, 1), 4.5 / math.sqrt(5 * 4.5)),
    ],
)
def test_the_correlation_is_of_ranks(scores, correlation):
    found = word_similarity(compass(), pairs(*scores))
    assert found.correlation == pytest.approx(correlation)
    assert (found.used, found.pairs) == (4, 4)


def test_pairs_without_vectors_are_left_out_and_lower_case_is_tried():
    given = [("EAST", "near", 1.0), ("east", "nowhere", 9.0), ("East", "half", 2.0)]
    assert word_similarity(compass(), given) == pytest.approx((-1.0, 2, 3))


@pytest.mark.parametrize(
    "given", [[], [("east", "near", 1.0)], [("east", "near", 1.0), ("east", "half", 1.0)]]
)
def test_no_correlation_of_too_little(given):
    with pytest.raises(RangeError, match="at least two pairs"):
        word_similarity(compass(), given)


def capital_of(*numbers):
    return [("france", "paris", PLACES[n], CAPITALS[n]) for n in numbers]


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_right_answers_are_counted_by_section(method):
    wrong = ("france", "paris", "italy", "tokyo")
    unknown = ("france", "paris", "peru", "lima")
    sections = {
        "right": capital_of(1, 2),
        "half": [wrong, unknown, *capital_of(3)],
        "none": [unknown],
    }
    counted = analogy_accuracy(of_structure(), sections, method=method)
    assert counted == [
        Section("right", 2, 2, 2), Section("half", 1, 2, 3), Section("none", 0, 0, 1)
    ]  # fmt: skip
    assert [each.accuracy for each in counted[:2]] == [1.0, 0.5]
    assert math.isnan(counted[2].accuracy)
    assert total(counted) == Section("total", 3, 4, 6)
    assert total([]) == Section("total", 0, 0, 0)


def test_analogies_are_asked_in_lower_case_too():
    sections = {"capitals": [tuple(map(str.title, question)) for question in capital_of(1, 2, 3)]}
    assert analogy_accuracy(of_structure(), sections) == [Section("capitals", 3, 3, 3)]


def test_ngrams_alone_are_compared_but_answer_no_analogy():
    vectors = floret()
    given = [("sea", "seas", 3.0), ("sea", "hill", 1.0), ("hill", "hills", 2.0)]
    assert word_similarity(vectors, given).used == 3
    with pytest.raises(RangeError, match="n-grams alone"):
        analogy_accuracy(vectors, {"capitals": capital_of(1)})
