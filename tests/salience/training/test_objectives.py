"""Every loss and its gradient: against finite differences, in float64, and worked examples."""

import numpy as np
import pytest

from salience.errors import RangeError
from salience.testing import random_floats
from salience.training import objectives, pairs

from ..ops import gradients


def assert_gradients(loss, arguments, found):
    """Products are of float32."""
    gradients.assert_gradients(loss, arguments, found, tolerance=3e-5)


def rows(*shape, seed=0):
    return random_floats(*shape, seed=seed).astype(np.float64)


def units(*shape, seed=0):
    return objectives.directions(rows(*shape, seed=seed))[0].astype(np.float64)


def test_directions_have_length_1_and_their_gradient_is_across():
    x, d = rows(5, 4), rows(5, 4, seed=1)
    u, lengths = objectives.directions(x)
    np.testing.assert_allclose(np.linalg.norm(u, axis=1), 1, rtol=1e-6)

    def loss(x):
        return (x / np.linalg.norm(x, axis=1, keepdims=True) * d).sum()

    assert_gradients(loss, {"x": x}, {"x": objectives.backprop_directions(d, u, lengths)})


def test_what_has_no_length_has_no_direction_and_no_gradient():
    x = np.zeros((2, 3), np.float32)
    u, lengths = objectives.directions(x)
    assert not u.any()
    assert not objectives.backprop_directions(np.ones_like(x), u, lengths).any()


def test_direction():
    u, readout, teacher = units(6, 4), rows(3, 4, seed=1), units(6, 3, seed=2)

    def loss(u, readout):
        read = u @ readout.T
        return (1 - ((read * teacher).sum(axis=1) / np.linalg.norm(read, axis=1))).mean()

    found, d_u, d_readout = objectives.direction(u, readout, teacher)
    assert found == pytest.approx(loss(u, readout), rel=1e-6)
    assert_gradients(loss, {"u": u, "readout": readout}, {"u": d_u, "readout": d_readout})


def test_a_student_that_points_where_the_teacher_does_has_lost_nothing():
    teacher = units(7, 3)
    loss, d_u, _ = objectives.direction(teacher, 2 * np.eye(3), teacher)
    assert loss == pytest.approx(0, abs=1e-6)
    assert np.abs(d_u).max() < 1e-6
    same = teacher @ teacher.T
    for of in (
        objectives.similarities(same, same),
        objectives.neighbours(same.astype(np.float32), same.astype(np.float32), 0.1),
    ):
        assert of[0] == pytest.approx(0, abs=1e-6)
        assert np.abs(of[1]).max() < 1e-6


@pytest.mark.parametrize("temperature", [0.05, 1.0])
def test_neighbours(temperature):
    scores, teacher = units(6, 4) @ units(6, 4).T, units(6, 3, seed=1) @ units(6, 3, seed=1).T

    def loss(scores):
        off = ~np.eye(6, dtype=bool)
        p, q = (np.exp(s / temperature) * off for s in (teacher, scores))
        p, q = p / p.sum(axis=1, keepdims=True), q / q.sum(axis=1, keepdims=True)
        return (p[off] * np.log(p[off] / q[off])).sum() / 6

    found, d_scores = objectives.neighbours(scores, teacher, temperature)
    assert found == pytest.approx(loss(scores), rel=1e-5)
    assert_gradients(loss, {"scores": scores}, {"scores": d_scores})


def test_similarities_leave_out_that_to_itself():
    scores, teacher = units(5, 3) @ units(5, 3).T, rows(5, 5)

    def loss(scores):
        off = ~np.eye(5, dtype=bool)
        return np.square(scores - teacher)[off].mean()

    found, d_scores = objectives.similarities(scores, teacher)
    assert found == pytest.approx(loss(scores), rel=1e-6)
    assert_gradients(loss, {"scores": scores}, {"scores": d_scores})


def test_one_sentence_has_no_neighbours():
    one = np.ones((1, 1), np.float32)
    assert objectives.neighbours(one, one, 0.1)[0] == 0
    assert objectives.similarities(one, one)[0] == 0


@pytest.mark.parametrize("temperature", [0, -1, float("nan")])
def test_a_temperature_is_above_0(temperature):
    with pytest.raises(RangeError, match="expected a temperature above 0, got"):
        objectives.neighbours(np.eye(3), np.eye(3), temperature)


def test_regression():
    u, v, wanted = units(5, 3), units(5, 3, seed=1), rows(5, seed=2)

    def loss(u, v):
        return np.square((u * v).sum(axis=1) - wanted).mean()

    found, d_u, d_v = pairs.regression(u, v, wanted)
    assert found == pytest.approx(loss(u, v), rel=1e-6)
    assert_gradients(loss, {"u": u, "v": v}, {"u": d_u, "v": d_v})


def slow_contrast(u, v, anchors, targets, alike, temperature):
    """Pair by pair, as the docstring says it."""
    losses = []
    for p in range(len(u)):
        if not alike[p] and any(alike[q] and anchors[q] == anchors[p] for q in range(len(u))):
            continue
        best = v[p] if alike[p] else u[p]
        known = {anchors[p]}
        for one, other, good in zip(anchors, targets, alike, strict=True):
            if good and anchors[p] in (one, other):
                known |= {one, other}
        others = [v[q] for q in range(len(u)) if targets[q] not in known]
        first = u[p] @ best if alike[p] else 1.0
        scores = np.array([first, *(u[p] @ other for other in others)]) / temperature
        losses.append(np.log(np.exp(scores - scores[0]).sum()))
    return np.mean(losses)


@pytest.mark.parametrize(
    ("anchors", "targets", "alike"),
    [
        ([0, 1, 2, 3], [4, 5, 6, 7], [1, 1, 1, 1]),
        ([0, 0, 1, 2], [4, 5, 6, 7], [1, 0, 1, 1]),  # a hard negative of its own
        ([0, 0, 1, 2], [4, 5, 6, 7], [1, 1, 0, 1]),  # two alike, and one alike to none
        ([0, 1, 2, 3], [4, 4, 5, 6], [1, 1, 0, 0]),  # one text is the right one of two
        ([0, 4, 2, 0], [1, 0, 3, 2], [1, 1, 1, 0]),  # one text is on both sides
        ([0, 0, 3, 5], [1, 2, 2, 0], [1, 1, 1, 0]),  # what is alike in another pair
        ([0, 1], [2, 3], [0, 0]),
    ],
)
def test_contrast(anchors, targets, alike):
    u, v = units(len(anchors), 4), units(len(anchors), 4, seed=1)
    numbers = np.array(anchors), np.array(targets), np.array(alike, dtype=np.float32)
    found, d_u, d_v = pairs.contrast(u, v, *numbers, 0.2)
    assert found == pytest.approx(slow_contrast(u, v, *numbers, 0.2), rel=1e-5)

    def loss(u, v):
        return slow_contrast(u, v, *numbers, 0.2)

    # u . u is 1 for a direction, whatever it is: the gradient takes that as given.
    assert_gradients(loss, {"u": u, "v": v}, {"u": d_u, "v": d_v})


def test_contexts():
    u, teacher = units(6, 4), units(6, 3, seed=2)
    pairs_of = np.array([0, 2, 5]), np.array([2, 5, 1])

    def loss(u):
        apart = [u[i] @ u[j] - teacher[i] @ teacher[j] for i, j in zip(*pairs_of, strict=True)]
        return np.mean(np.square(apart))

    found, d_u = objectives.contexts(u, teacher, pairs_of)
    assert found == pytest.approx(loss(u), rel=1e-6)
    assert_gradients(loss, {"u": u}, {"u": d_u})
    none = np.zeros(0, np.int64)
    assert objectives.contexts(u, teacher, (none, none))[0] == 0


def test_pairs_are_of_one_word_and_few_of_a_common_one():
    words = np.array([7, 3, 7, 7, 9, 7, 7, 7, 7, 3])
    first, second = objectives.pairs_of_words(words, [0, 1])
    np.testing.assert_array_equal(words[first], words[second])
    assert (first != second).all()
    assert np.count_nonzero(words[first] == 7) == objectives.PAIRS_OF_A_WORD
    assert np.count_nonzero(words[first] == 3) == 1
    for each in (first, second):
        assert len(set(each)) == len(each)
    for other in ([0, 2], [1, 1]):
        assert any((a != b).any() for a, b in zip(
            objectives.pairs_of_words(words, other), (first, second), strict=True
        ))  # fmt: skip


@pytest.mark.parametrize("words", [[], [4], [1, 2, 3]])
def test_words_that_occur_once_have_no_pairs(words):
    first, second = objectives.pairs_of_words(np.array(words, dtype=np.int64), [0])
    assert len(first) == len(second) == 0
