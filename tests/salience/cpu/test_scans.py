import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.cpu.jit import F1, F2, INT, OUT1, OUT2, kernel
from salience.cpu.scans import SCAN_WIDTH, make_scan
from salience.cpu.simd import LANES

BLANK = -99.0


def formula(ops, carried, constants, read):
    (total, seen), (scale,), (x, y) = carried, constants, read
    total = ops.multiply_add(x, scale, total)
    seen = ops.add(seen, ops.multiply(x, y))
    return [total, seen], [ops.subtract(total, y), seen]


scan = make_scan(formula)


@kernel(INT, INT, INT, INT, INT, OUT1, OUT1, F1, F2, F2, OUT2, OUT2)
def walk(steps, way, low, high, first, total, seen, scale, x, y, differences, products):
    scan(
        (steps, way, low, high), (total, seen), (scale,), ((x, first), (y, first + way)),
        ((differences, first), (products, first)),
    )  # fmt: skip


def whole(*shape, seed):
    """Small whole numbers, which float32 adds and multiplies without rounding."""
    return np.random.default_rng(seed).integers(-4, 5, shape).astype(np.float32)


def assert_walks(columns, low, high, steps, way):
    rows, first = steps + 3, 1 if way > 0 else steps + 1
    total, seen, scale = (whole(columns, seed=seed) for seed in range(3))
    x, y = whole(rows, columns, seed=3), whole(rows, columns, seed=4)
    outputs = [np.full((rows, columns), BLANK, np.float32) for _ in range(2)]
    want = [array.copy() for array in (total, seen, *outputs)]
    c = slice(low, high)
    for k in range(steps):
        row = first + way * k
        want[0][c] += x[row, c] * scale[c]
        want[1][c] += x[row, c] * y[row + way, c]
        want[2][row, c] = want[0][c] - y[row + way, c]
        want[3][row, c] = want[1][c]
    walk(steps, way, low, high, first, total, seen, scale, x, y, *outputs)
    for got, expected in zip((total, seen, *outputs), want, strict=True):
        np.testing.assert_array_equal(got, expected)


ways = pytest.mark.parametrize("way", [1, -1])
NARROW = (0, 1, LANES - 1, LANES, LANES + 1, 2 * LANES)
WIDE = (SCAN_WIDTH - 1, SCAN_WIDTH, SCAN_WIDTH + 1, SCAN_WIDTH + LANES, 2 * SCAN_WIDTH + 3)


@ways
@pytest.mark.parametrize("high", [*NARROW, *WIDE])
def test_carries_every_column_along_the_rows(high, way):
    assert_walks(high, 0, high, 5, way)


@ways
@given(low=st.integers(0, 300), count=st.integers(0, 300), right=st.integers(0, 40))
def test_touches_its_own_columns_only(low, count, right, way):
    assert_walks(low + count + right, low, low + count, 3, way)


@ways
@pytest.mark.parametrize("steps", [0, 1, 2, 33])
def test_takes_as_many_steps_as_it_is_told(steps, way):
    assert_walks(SCAN_WIDTH + 7, 3, SCAN_WIDTH + 5, steps, way)


def test_no_steps_and_no_columns_leave_everything():
    assert_walks(20, 0, 20, 0, 1)
    assert_walks(20, 7, 7, 4, 1)
    assert_walks(0, 0, 0, 4, -1)


def copy_one(ops, carried, constants, read):
    return [], [read[0]]


copying = make_scan(copy_one)


@kernel(INT, INT, F2, OUT2)
def copy_rows(steps, columns, x, out):
    copying((steps, 1, 0, columns), (), (), ((x, 1),), ((out, 0),))


@pytest.mark.parametrize("columns", [3, LANES, SCAN_WIDTH + 5])
def test_may_carry_nothing(columns):
    x, out = whole(6, columns, seed=0), np.full((5, columns), BLANK, np.float32)
    copy_rows(4, columns, x, out)
    np.testing.assert_array_equal(out[:4], x[1:5])
    assert (out[4] == BLANK).all()
