import numpy as np
import pytest

from salience import ops
from salience.cuda import nearest
from salience.ops.cosine import cuda as own
from salience.ops.cosine import reference
from salience.testing import random_floats

from .. import helpers
from .promises import assert_agrees, in_float64

METRICS = ("cosine", "dot", "euclidean")
MATRIX = {"cosine": ops.cosine_matrix, "dot": ops.dot_matrix, "euclidean": ops.euclidean_matrix}
TOP_K = {"cosine": ops.cosine_top_k, "dot": ops.dot_top_k, "euclidean": ops.euclidean_top_k}
every = pytest.mark.parametrize("metric", METRICS)
SCALES = (1e-40, 1e-25, 3e37)


def example(first, second=None, width=9):
    second = first if second is None else second
    return {"a": random_floats(first, width), "b": random_floats(second, width, seed=1)}


def whole_numbers(first, second):
    """Few different rows, so that many scores are equal."""
    rng = np.random.default_rng(0)
    return {
        name: rng.integers(-1, 2, (rows, 2)).astype(np.float32)
        for name, rows in (("a", first), ("b", second))
    }


def assert_is_the_sorted_matrix(metric, a, b, k):
    scores = MATRIX[metric](a, b, device="cuda")
    order = np.argsort(scores if metric == "euclidean" else -scores, axis=1, kind="stable")[:, :k]
    indices, nearest_scores = TOP_K[metric](a, b, k, device="cuda")
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_array_equal(nearest_scores, np.take_along_axis(scores, order, axis=1))


@pytest.mark.parametrize(("rows", "width"), [(0, 9), (1, 0), (1, 1), (5, 31), (9, 161)])
def test_pairs_agree_with_the_reference(rows, width):
    arguments = example(rows, width=width)
    assert_agrees(ops.cosine_pairs, reference.pairs, arguments)
    arguments["d_scores"] = random_floats(rows, seed=2)
    assert_agrees(ops.backprop_cosine_pairs, reference.backprop_pairs, arguments, tolerance=1e-4)


@every
@pytest.mark.parametrize("sizes", [(0, 3, 9), (3, 0, 9), (1, 2, 0), (2, 65, 9), (3, 4, 17)])
def test_the_matrix_agrees_with_the_reference(metric, sizes):
    def judge(a, b):
        return reference.matrix(a, b, metric)

    assert_agrees(MATRIX[metric], judge, example(*sizes))


@pytest.mark.parametrize("sizes", [(0, 3, 9), (3, 0, 9), (1, 2, 0), (3, 5, 9)])
def test_gradients_of_the_matrix_agree_with_the_reference(sizes):
    arguments = {**example(*sizes), "d_scores": random_floats(*sizes[:2], seed=2)}
    assert_agrees(ops.backprop_cosine_matrix, reference.backprop_matrix, arguments, tolerance=1e-4)


@pytest.mark.parametrize("scale", SCALES)
def test_a_row_is_exactly_as_its_equal_and_no_score_leaves_minus_1_to_1(scale):
    a = random_floats(9, 13, scale=scale)
    assert (ops.cosine_pairs(a, a.copy(), device="cuda") == 1).all()
    scores = ops.cosine_matrix(a, np.concatenate([a, -a]), device="cuda")
    assert (np.diag(scores) == 1).all()
    assert np.abs(scores).max() == 1
    longer = ops.cosine_pairs(a, np.float32(-0.7) * a, device="cuda")
    np.testing.assert_allclose(longer, -1, rtol=1e-6)
    assert np.abs(longer).max() <= 1


@pytest.mark.parametrize("scale", SCALES)
def test_rows_of_any_size_have_the_reference_s_scores_and_gradients(scale):
    arguments = example(5)
    arguments["a"] = np.float32(scale) * np.sign(arguments["a"])
    want = reference.matrix(**in_float64(arguments))
    got = ops.cosine_matrix(**arguments, device="cuda")
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)
    pairs = ops.cosine_pairs(**arguments, device="cuda")
    np.testing.assert_allclose(pairs, np.diag(want), rtol=1e-5, atol=1e-6)
    # The gradient goes with 1 / |a|, and has to fit in float32.
    d_scores = np.float32(min(scale, 1)) * random_floats(5, 5, seed=2)
    for op, judge, given in (
        (ops.backprop_cosine_matrix, reference.backprop_matrix, d_scores),
        (ops.backprop_cosine_pairs, reference.backprop_pairs, d_scores[0]),
    ):
        back = {"d_scores": given, **arguments}
        for a, b in zip(op(**back, device="cuda"), judge(**in_float64(back)), strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=max(1e-5 * np.abs(b).max(), 3e-45))


def test_a_row_of_zeros_scores_0_and_has_no_gradient():
    arguments = example(4)
    arguments["a"][1] = arguments["b"][2] = 0
    assert not ops.cosine_pairs(**arguments, device="cuda")[1:3].any()
    assert not ops.cosine_matrix(**arguments, device="cuda")[1].any()
    assert (ops.cosine_top_k(**arguments, k=4, device="cuda")[1][1] == 0).all()
    for op, d_scores in (
        (ops.backprop_cosine_pairs, np.ones(4, np.float32)),
        (ops.backprop_cosine_matrix, np.ones((4, 4), np.float32)),
    ):
        d_a, d_b = op(d_scores, **arguments, device="cuda")
        assert not d_a[1].any()
        assert not d_b[2].any()
        assert d_a[0].any()
        assert d_b[0].any()


def test_equal_rows_are_exactly_0_apart_and_near_ones_keep_their_digits():
    a = 1000 + random_floats(10, 12)
    b = (a + np.float32(1 / 64)).astype(np.float32)
    got = ops.euclidean_matrix(a, np.concatenate([a, b]), device="cuda")
    assert (np.diag(got) == 0).all()
    want = np.linalg.norm(a.astype(np.float64) - b.astype(np.float64), axis=1)
    np.testing.assert_allclose(np.diag(got[:, 10:]), want, rtol=1e-6)


def test_a_row_alone_has_the_bits_it_has_among_others():
    arguments = example(6, 7)
    a, b = arguments.values()
    for metric in METRICS:
        whole = MATRIX[metric](a, b, device="cuda")
        assert helpers.same_bits(MATRIX[metric](a[4:5], b, device="cuda")[0], whole[4])
        assert helpers.same_bits(MATRIX[metric](a, b[4:5], device="cuda")[:, 0], whole[:, 4])
    pairs = ops.cosine_pairs(a, b[:6], device="cuda")
    assert helpers.same_bits(ops.cosine_pairs(a[4:5], b[4:5], device="cuda")[0], pairs[4])


def test_a_row_that_is_no_number_has_no_cosine():
    rows = np.float32([[np.nan, 1], [1, 1]])
    got = ops.cosine_pairs(rows, np.ones_like(rows), device="cuda")
    np.testing.assert_array_equal(np.isnan(got), [True, False])


@every
@pytest.mark.parametrize(
    ("sizes", "k"), [((0, 3), 2), ((3, 0), 2), ((3, 1), 5), ((2, 4, 0), 3), ((3, 40), 7)]
)
def test_top_k_agrees_with_the_reference(metric, sizes, k):
    def judge(a, b, k):
        return reference.top_k(a, b, k, metric)

    assert_agrees(TOP_K[metric], judge, example(*sizes), k=k)


@every
@pytest.mark.parametrize("k", [1, 6, 150])
def test_equals_go_in_the_order_of_their_rows(metric, k):
    assert_is_the_sorted_matrix(metric, **whole_numbers(3, 30), k=k)


@every
def test_blocks_of_scores_and_several_heaps_of_a_row(metric, monkeypatch):
    monkeypatch.setattr(own, "SCORES_IN_MEMORY", 1)
    monkeypatch.setattr(nearest, "SCORES_PER_KEY", 1)
    monkeypatch.setattr(nearest, "HEAPS", 40)
    assert_is_the_sorted_matrix(metric, **whole_numbers(2, 80), k=4)
