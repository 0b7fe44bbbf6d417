import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.jit import F1, OUT1, kernel
from salience.ops import reductions
from salience.ops.reductions import LANES
from salience.testing import random_floats

SIZES = (1, 2, 15, 16, 17, 63, 64, 65, 1000)
sizes = pytest.mark.parametrize("size", SIZES)


@kernel(F1, F1, OUT1, OUT1)
def dot_into(a, b, lanes, out):
    out[0] = reductions.dot(a, b, lanes)


@kernel(OUT1, OUT1)
def softmax_in_place(row, lanes):
    reductions.softmax(row, lanes)


def scratch():
    """Lanes hold whatever the row before left in them."""
    return np.full(LANES, np.nan, dtype=np.float32)


def dot(a, b):
    out = np.full(1, np.nan, dtype=np.float32)
    dot_into(a, b, scratch(), out)
    return out[0]


def softmax(row):
    row = np.array(row, dtype=np.float32)
    softmax_in_place(row, scratch())
    return row


@given(size=st.integers(0, 100), seed=st.integers(0, 99))
def test_dot_is_the_sum_of_products(size, seed):
    a, b = random_floats(size, seed=seed), random_floats(size, seed=seed + 1)
    want = a.astype(np.float64) @ b.astype(np.float64)
    assert dot(a, b) == pytest.approx(want, abs=1e-5 * (1 + size))


@sizes
def test_dot_is_the_same_both_ways_round(size):
    a, b = random_floats(size), random_floats(size, seed=1)
    assert dot(a, b) == dot(b, a)


@sizes
def test_softmax_agrees_with_float64(size):
    row = random_floats(size, scale=5)
    exps = np.exp(row.astype(np.float64) - row.max())
    np.testing.assert_allclose(softmax(row), exps / exps.sum(), rtol=1e-5, atol=1e-7)


@sizes
@pytest.mark.parametrize("value", [0.0, -7.5, 3e38, -3e38])
def test_softmax_of_equal_numbers_is_even(size, value):
    np.testing.assert_allclose(softmax(np.full(size, value)), 1 / size, rtol=1e-6)


@sizes
@pytest.mark.parametrize("scale", [1e3, 1e30, 3e38])
def test_softmax_of_huge_numbers_is_finite_and_sums_to_1(size, scale):
    row = np.random.default_rng(0).uniform(-scale, scale, size)
    shares = softmax(row)
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert shares.argmax() == row.argmax()


def test_softmax_of_nothing_is_nothing():
    assert softmax([]).shape == (0,)
