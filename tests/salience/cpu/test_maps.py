import numpy as np
import pytest

from salience.cpu import maps, scalars
from salience.cpu.jit import F1, INT, OUT1, kernel
from salience.testing import random_floats

from .. import helpers

SIZES = (0, 1, 15, 16, 17, 31, 33, 100)
sizes = pytest.mark.parametrize("size", SIZES)


@kernel(OUT1, INT, INT)
def exp_part(row, first, last):
    maps.exp_minus(row[first:last], np.float32(0.75))


@kernel(OUT1, INT, INT)
def one_by_one(row, first, last):
    for j in range(first, last):
        row[j] = scalars.exp(row[j] - np.float32(0.75))


@kernel(OUT1, INT, INT)
def scale_part(row, first, last):
    maps.scale(row[first:last], np.float32(0.3))


@kernel(OUT1, F1, F1, F1, INT, INT)
def set_part(row, x, a, b, first, last):
    maps.set_plus_product(row[first:last], x[first:last], a[first:last], b[first:last])


def hard_numbers(size):
    """Numbers whose exp is anything from 0 to infinity, or NaN."""
    row = random_floats(size, scale=30)
    row[::7] = np.resize(np.float32([np.inf, -np.inf, np.nan, 1e30, -1e30, 0, 1e-40]), size)[::7]
    return row


@sizes
def test_exp_has_the_bits_of_one_number_at_a_time(size):
    row = hard_numbers(size + 5)
    want = row.copy()
    exp_part(row, 3, 3 + size)
    one_by_one(want, 3, 3 + size)
    np.testing.assert_array_equal(row, want)


@sizes
def test_scale_multiplies_what_it_is_given_and_no_more(size):
    row = random_floats(size + 5)
    want = row.copy()
    want[3 : 3 + size] *= np.float32(0.3)
    scale_part(row, 3, 3 + size)
    assert helpers.same_bits(row, want)


@sizes
@pytest.mark.parametrize("own", [None, 0, 2])
def test_a_sum_is_set_where_it_is_told_even_to_the_row_that_is_read(size, own):
    row, *read = (random_floats(size + 5, seed=seed) for seed in range(4))
    if own is not None:
        row = read[own]
    x, a, b = (part[3 : 3 + size].copy() for part in read)
    want = row.copy()
    want[3 : 3 + size] = x + a * b
    set_part(row, *read, 3, 3 + size)
    assert helpers.same_bits(row, want)
