import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.cpu.jit import F2, I1, OUT2, kernel
from salience.cpu.products import (
    ROWS_IN_CACHE,
    add_columns_times,
    add_product,
    add_rows_times,
    add_squares,
    add_transposed_product,
    rows_times,
)
from salience.cpu.strips import WIDTH, pack, strips_for
from salience.testing import random_floats

from .. import helpers


@kernel(F2, F2, I1, OUT2)
def add_part(a, b, at, out):
    add_product(a, (at[0], at[1]), (at[2], at[3]), b, at[4], (at[5], at[6]), out, at[7], at[8])


@kernel(F2, F2, I1, OUT2)
def add_transposed_part(a, b, at, out):
    add_transposed_product(
        a, (at[2], at[3]), (at[0], at[1]), b, at[4], (at[5], at[6]), out, at[7], at[8]
    )


@kernel(F2, F2, OUT2)
def add_all_squares(a, b, out):
    add_squares(a, (0, len(a)), (0, a.shape[1]), b, 0, (0, b.shape[1]), out, 0, 0)


def add_by_row(x, matrix, out):
    for t in range(len(x)):
        add_rows_times(x[t : t + 1], matrix, out[t : t + 1])


def add_transposed(x, matrix, out):
    room = strips_for(matrix.shape[1], ROWS_IN_CACHE)
    add_columns_times(np.ascontiguousarray(x.T), matrix, room, out)


def plus_product(x, matrix, by=add_rows_times):
    out = random_floats(len(x), matrix.shape[1], seed=9)
    by(x, matrix, out)
    return out


@given(rows=st.integers(0, 100), steps=st.integers(0, 40), columns=st.integers(0, 150))
@pytest.mark.parametrize("by", [add_rows_times, add_transposed])
def test_adds_the_product(by, rows, steps, columns):
    x, matrix = random_floats(rows, steps), random_floats(steps, columns, seed=1)
    before = random_floats(rows, columns, seed=9).astype(np.float64)
    want = before + x.astype(np.float64) @ matrix.astype(np.float64)
    np.testing.assert_allclose(plus_product(x, matrix, by), want, rtol=1e-5, atol=1e-5)


@given(rows=st.integers(0, 40), steps=st.integers(0, 40), columns=st.integers(0, 150))
def test_adds_squared_differences(rows, steps, columns):
    x, matrix = random_floats(rows, steps), random_floats(steps, columns, seed=1)
    differences = x.astype(np.float64)[:, :, None] - matrix.astype(np.float64)
    before = random_floats(rows, columns, seed=9).astype(np.float64)
    want = before + (differences**2).sum(axis=1)
    got = plus_product(x, matrix, add_all_squares)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("by", [add_rows_times, add_transposed])
@pytest.mark.parametrize("rows", [5, 77])
def test_adds_many_steps(by, rows):
    x, matrix = random_floats(rows, 1100), random_floats(1100, 70, seed=1)
    want = random_floats(rows, 70, seed=9) + x.astype(np.float64) @ matrix.astype(np.float64)
    np.testing.assert_allclose(plus_product(x, matrix, by), want, rtol=1e-4, atol=1e-4)


@given(rows=st.integers(0, 150), width=st.integers(1, 40))
def test_packed_rows_lie_side_by_side(rows, width):
    matrix = random_floats(rows, width)
    strips = pack(matrix).reshape(-1, width, WIDTH)
    for strip, first in zip(strips, range(0, rows, WIDTH), strict=True):
        own = matrix[first : first + WIDTH]
        assert helpers.same_bits(np.ascontiguousarray(strip[:, : len(own)].T), own)


@helpers.needs_kernels
@given(rows=st.integers(0, 40), steps=st.integers(0, 40), columns=st.integers(0, 150))
def test_packed_rows_give_the_product_the_same_bits(rows, steps, columns):
    x, weight = random_floats(rows, steps), random_floats(columns, steps, seed=1)
    want = np.zeros((rows, columns), np.float32)
    add_rows_times(x, np.ascontiguousarray(weight.T), want)
    assert helpers.same_bits(rows_times(x, weight, None), want)


@pytest.mark.parametrize("steps", [1, 3, 4, 7, 64, 65])
@pytest.mark.parametrize("columns", [1, 8, 31, 64, 97])
@helpers.needs_kernels
def test_a_row_s_bits_do_not_depend_on_the_rows_beside_it(steps, columns):
    x, matrix = random_floats(11, steps), random_floats(steps, columns, seed=1)
    whole = plus_product(x, matrix)
    assert helpers.same_bits(plus_product(x, matrix, add_by_row), whole)
    for first in range(11):
        out = random_floats(11, columns, seed=9)[first:].copy()
        add_rows_times(x[first:].copy(), matrix, out)
        assert helpers.same_bits(out, whole[first:])


@helpers.needs_kernels
@pytest.mark.parametrize("by", [add_rows_times, add_transposed])
def test_each_element_is_one_chain_of_multiply_adds_in_the_order_of_the_steps(by):
    x, matrix = random_floats(5, 600), random_floats(600, 83, seed=1)
    want = random_floats(5, 83, seed=9)
    for k in range(600):
        # In float64 the product is exact, so the sum is rounded as if only once.
        want = (x[:, k, None] * matrix[k].astype(np.float64) + want).astype(np.float32)
    assert helpers.same_bits(plus_product(x, matrix, by), want)


@pytest.mark.parametrize("rows", [1, 4, 6])
@pytest.mark.parametrize("transposed", [False, True])
def test_a_part_touches_nothing_beside_it(rows, transposed):
    a, b, out = random_floats(9, 20), random_floats(15, 30, seed=1), np.zeros((10, 40), np.float32)
    at = np.array([2, 2 + rows, 3, 16, 1, 5, 22, 3, 7])
    if transposed:
        add_transposed_part(np.ascontiguousarray(a.T), b, at, out)
    else:
        add_part(a, b, at, out)
    want = np.zeros_like(out)
    want[3 : 3 + rows, 7:24] = a[2 : 2 + rows, 3:16] @ b[1:14, 5:22]
    np.testing.assert_allclose(out, want, rtol=1e-5, atol=1e-5)
