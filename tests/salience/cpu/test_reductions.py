import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.cpu import reductions
from salience.cpu.jit import F1, OUT1, OUT2, kernel
from salience.testing import random_floats

from .. import helpers

SIZES = (1, 2, 15, 16, 17, 63, 64, 65, 1000)
sizes = pytest.mark.parametrize("size", SIZES)


@kernel(F1, F1, OUT1)
def reduce_into(a, b, out):
    out[0] = reductions.dot(a, b)
    out[1] = reductions.total(a)
    out[2] = reductions.highest(a)


def reduce(a, b):
    """The scalar product of two rows, and the sum and the maximum of the first."""
    out = np.full(3, np.nan, dtype=np.float32)
    reduce_into(a, b, out)
    return out


@kernel(F1, F1, OUT2)
def reduce_wide_into(a, b, out):
    out[0, 0] = reductions.wide_dot(a, b) * 1e60
    out[0, 1] = reductions.furthest(a)
    out[0, 2] = reductions.wide_total(a) * 1e30


def reduce_wide(a, b):
    """Two rows' scalar product times 1e60, the first's largest size, and its sum times 1e30."""
    out = np.full((1, 3), np.nan, dtype=np.float32)
    reduce_wide_into(a, b, out)
    return out[0]


@given(size=st.integers(0, 200), seed=st.integers(0, 99))
def test_a_wide_dot_keeps_what_float32_would_lose(size, seed):
    a, b = (random_floats(size, seed=seed + more, scale=1e-30) for more in (0, 1))
    products, size_of_a, total_of_a = reduce_wide(a, b)
    want = 1e60 * (a.astype(np.float64) @ b.astype(np.float64))
    np.testing.assert_allclose(products, want, rtol=1e-6, atol=1e-12 * (1 + size))
    assert size_of_a == np.abs(a).max(initial=0)
    np.testing.assert_allclose(total_of_a, 1e30 * a.sum(dtype=np.float64), rtol=1e-6, atol=1e-12)


@sizes
def test_a_wide_total_of_equal_numbers_is_exact(size):
    row = np.full(size, 0.1, np.float32)
    want = np.float32(size * np.float64(row[0]) * 1e30)
    assert reduce_wide(row, row)[2] == want


@sizes
def test_the_furthest_is_never_nan(size):
    row = random_floats(size)
    for place in {0, size // 2, size - 1}:
        holed = row.copy()
        holed[place] = np.nan
        left = np.delete(row, place)
        assert reduce_wide(holed, row)[1] == np.abs(left).max(initial=0)


@given(size=st.integers(0, 200), seed=st.integers(0, 99))
def test_reductions_agree_with_float64(size, seed):
    a, b = random_floats(size, seed=seed), random_floats(size, seed=seed + 1)
    wide = a.astype(np.float64)
    want = [wide @ b.astype(np.float64), wide.sum(), wide.max(initial=-np.inf)]
    np.testing.assert_allclose(reduce(a, b), want, rtol=1e-5, atol=1e-6 * (1 + size))


@sizes
def test_dot_is_the_same_both_ways_round(size):
    a, b = random_floats(size), random_floats(size, seed=1)
    assert reduce(a, b)[0] == reduce(b, a)[0]


@helpers.needs_kernels
@sizes
def test_a_sum_is_taken_in_lanes_that_are_joined_in_halves(size):
    row = random_floats(size)
    lanes = np.zeros((4, 16), dtype=np.float32)
    whole = size // 64 * 64
    for first in range(0, whole, 64):
        lanes += row[first : first + 64].reshape(4, 16)
    for first in range(whole, size, 16):
        lanes[0, : len(row[first : first + 16])] += row[first : first + 16]
    joined = ((lanes[0] + lanes[1]) + lanes[2]) + lanes[3]
    while len(joined) > 1:
        joined = joined[: len(joined) // 2] + joined[len(joined) // 2 :]
    assert reduce(row, row)[1] == joined[0]


@sizes
def test_the_highest_is_found_wherever_it_stands(size):
    for place in range(0, size, max(1, size // 50)):
        row = np.full(size, -3e38, dtype=np.float32)
        row[place] = -2e38
        assert reduce(row, row)[2] == row[place]
