"""The scalar product and the euclidean distance, beside the cosine."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience import ops
from salience.errors import RangeError, ShapeError
from salience.ops.cosine import reference
from salience.testing import random_floats

from .. import helpers
from . import promises

METRICS = ("dot", "euclidean")
MATRIX = {"dot": ops.dot_matrix, "euclidean": ops.euclidean_matrix}
TOP_K = {"dot": ops.dot_top_k, "euclidean": ops.euclidean_top_k}
both = pytest.mark.parametrize("metric", METRICS)


def example(first, second, width=21):
    return {"a": random_floats(first, width), "b": random_floats(second, width, seed=1)}


def wanted(metric, a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return a @ b.T if metric == "dot" else np.linalg.norm(a[:, None] - b, axis=2)


@both
@given(first=st.integers(0, 20), second=st.integers(0, 150), width=st.integers(0, 40))
def test_the_matrix_is_numpy_s(metric, first, second, width):
    arguments = example(first, second, width)
    got = MATRIX[metric](**arguments)
    np.testing.assert_allclose(got, wanted(metric, **arguments), rtol=1e-5, atol=1e-5)


@both
def test_agree_with_the_reference(metric):
    arguments = example(5, 70)
    promises.assert_agrees(
        MATRIX[metric], lambda a, b: reference.matrix(a, b, metric), arguments, tolerance=1e-5
    )
    promises.assert_agrees(
        TOP_K[metric], lambda a, b, k: reference.top_k(a, b, k, metric), arguments, k=7
    )


@both
@given(
    first=st.integers(0, 6), second=st.integers(0, 30), k=st.integers(1, 40), seed=st.integers(0, 9)
)
def test_top_k_is_the_sorted_matrix_with_equals_in_order(metric, first, second, k, seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(-1, 2, (first, 2)).astype(np.float32)
    b = rng.integers(-1, 2, (second, 2)).astype(np.float32)
    scores = MATRIX[metric](a, b)
    falling = -scores if metric == "dot" else scores
    order = np.argsort(falling, axis=1, kind="stable")[:, :k]
    indices, nearest = TOP_K[metric](a, b, k)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_array_equal(nearest, np.take_along_axis(scores, order, axis=1))


@helpers.needs_speed
@both
def test_top_k_over_many_spans(metric):
    a, b = random_floats(130, 9), random_floats(2000, 9, seed=1)
    scores = MATRIX[metric](a, b)
    order = np.argsort(-scores if metric == "dot" else scores, axis=1, kind="stable")[:, :700]
    np.testing.assert_array_equal(TOP_K[metric](a, b, 700)[0], order)


def test_equal_rows_are_exactly_0_apart_and_near_ones_keep_their_digits():
    a = 1000 + random_floats(40, 30)
    assert (np.diag(ops.euclidean_matrix(a, a.copy())) == 0).all()
    b = (a + np.float32(1 / 64)).astype(np.float32)
    got = np.diag(ops.euclidean_matrix(a, b))
    want = np.linalg.norm(a.astype(np.float64) - b.astype(np.float64), axis=1)
    np.testing.assert_allclose(got, want, rtol=1e-6)


def test_a_distance_of_0_is_not_minus_0():
    a = random_floats(3, 5)
    _, scores = ops.euclidean_top_k(a, a, 1)
    assert not scores.any()
    assert not np.signbit(scores).any()


@helpers.needs_kernels
def test_0_and_minus_0_are_equals_in_the_order_of_their_rows():
    a, b = np.float32([[1e-30]]), np.float32([[0], [-1e-30], [1], [-1e-30], [0]])
    indices, _ = ops.dot_top_k(a, b, 5)
    np.testing.assert_array_equal(indices, [[2, 0, 1, 3, 4]])


@both
def test_promises(metric):
    for op, named in ((MATRIX[metric], {}), (TOP_K[metric], {"k": 3})):
        promises.assert_writes_everything(op, example(11, 7), **named)
        promises.assert_refuses_bad_arrays(op, example(3, 2), **named)
        for form in promises.FORMS:
            promises.assert_takes_any_form(op, form, example(11, 7), **named)


@both
def test_refusals_name_the_function(metric):
    a = random_floats(2, 3)
    with pytest.raises(ShapeError, match=rf"^{metric}_matrix: b must .* \[B, 3\], got \[2, 4\]"):
        MATRIX[metric](a, random_floats(2, 4))
    with pytest.raises(RangeError, match=f"^{metric}_top_k: k must be a whole number >= 1, got 0"):
        TOP_K[metric](a, a, 0)
    with pytest.raises(RangeError, match=f"^{metric}_top_k: b holds numbers that are not finite"):
        TOP_K[metric](a, np.float32([[np.inf, 0, 0]]), 1)
    with pytest.raises(RangeError, match=f"^{metric}_top_k: b must hold .* within 5.33e"):
        TOP_K[metric](a, np.float32([[1e19, 0, 0]]), 1)
    indices, _ = TOP_K[metric](a, np.float32([[5e18, 0, 0], [0, 5e18, 0]]), 2)
    assert (np.sort(indices, axis=1) == [0, 1]).all()
