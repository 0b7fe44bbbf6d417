"""The matrix product that kernels share: out += a b, summed in the order of k.

Each element of out is one running sum over k from first to last (see tiles.py),
so a row's bits do not depend on the rows beside it, on the thread or on the
machine.
"""

from collections.abc import Callable

import numpy as np

from .. import threads
from ..jit import F1, F2, OUT2, inline, kernel, named
from ..types import Floats
from .simd import LANES
from .tiles import ROWS, VECTORS, make_tile

_WIDTH = VECTORS * LANES
_DEPTH = 256
"""Steps that are done for all of out before the next ones: those rows of b stay in cache."""
_BLOCK = 256
"""Rows of a large matrix that are done at a time, and stay in cache meanwhile."""

RUN = 512
"""Rows that are worth a task of their own, as the batches of a training are small."""

_Span = tuple[int, int]


def _make_product(name: str, *, transposed: bool, squares: bool = False) -> Callable[..., None]:
    tile, narrow, row, narrow_row = (
        make_tile(rows, vectors, transposed, squares=squares)
        for rows in (ROWS, 1)
        for vectors in (VECTORS, 1)
    )

    @inline
    @named(f"cover_{name}")
    def cover(
        a: Floats, i: int, rows: int, k: int, depth: int,
        b: Floats, kb: int, j: int, columns: int, out: Floats, io: int, jo: int,
    ) -> None:  # fmt: skip
        whole, wide = rows // ROWS * ROWS, columns // _WIDTH * _WIDTH
        for done in range(0, depth, _DEPTH):
            steps, ka, kc = min(_DEPTH, depth - done), k + done, kb + done
            for c in range(0, wide, _WIDTH):
                for r in range(0, whole, ROWS):
                    tile(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, _WIDTH)
                for r in range(whole, rows):
                    row(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, _WIDTH)
            for c in range(wide, columns, LANES):
                count = min(LANES, columns - c)
                for r in range(0, whole, ROWS):
                    narrow(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, count)
                for r in range(whole, rows):
                    narrow_row(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, count)

    return cover


_add = _make_product("product", transposed=False)
_add_transposed = _make_product("transposed_product", transposed=True)
_add_squares = _make_product("squares", transposed=False, squares=True)


@inline
def add_product(
    a: Floats, a_rows: _Span, a_columns: _Span,
    b: Floats, b_row: int, b_columns: _Span, out: Floats, out_row: int, out_column: int,
) -> None:  # fmt: skip
    """out[rows, columns] += a[a_rows, a_columns] b[b_row.., b_columns], all 2-d and C-ordered."""
    i, k, j = a_rows[0], a_columns[0], b_columns[0]
    _add(
        a, i, a_rows[1] - i, k, a_columns[1] - k,
        b, b_row, j, b_columns[1] - j, out, out_row, out_column,
    )  # fmt: skip


@inline
def add_transposed_product(
    a: Floats, a_rows: _Span, a_columns: _Span,
    b: Floats, b_row: int, b_columns: _Span, out: Floats, out_row: int, out_column: int,
) -> None:  # fmt: skip
    """out[rows, columns] += a[a_rows, a_columns]' b[b_row.., b_columns], all 2-d and C-ordered."""
    k, i, j = a_rows[0], a_columns[0], b_columns[0]
    _add_transposed(
        a, i, a_columns[1] - i, k, a_rows[1] - k,
        b, b_row, j, b_columns[1] - j, out, out_row, out_column,
    )  # fmt: skip


@inline
def add_squares(
    a: Floats, a_rows: _Span, a_columns: _Span,
    b: Floats, b_row: int, b_columns: _Span, out: Floats, out_row: int, out_column: int,
) -> None:  # fmt: skip
    """out[i, j] += sum over k of (a[i, k] - b[k, j])^2 of the same parts as in add_product."""
    i, k, j = a_rows[0], a_columns[0], b_columns[0]
    _add_squares(
        a, i, a_rows[1] - i, k, a_columns[1] - k,
        b, b_row, j, b_columns[1] - j, out, out_row, out_column,
    )  # fmt: skip


@inline
def clear(row: Floats) -> None:
    """row = 0; a loop, because numba compiles row[:] = 0 for two seconds."""
    for j in range(len(row)):
        row[j] = 0.0


@kernel(F2, F2, OUT2)
def add_rows_times(x: Floats, matrix: Floats, out: Floats) -> None:
    """out += x matrix, where x [N, D] and matrix [D, H]."""
    depth, columns = (0, x.shape[1]), (0, matrix.shape[1])
    for first in range(0, len(x), _BLOCK):
        last = min(first + _BLOCK, len(x))
        add_product(x, (first, last), depth, matrix, 0, columns, out, first, 0)


@kernel(F2, F2, F1, OUT2)
def set_rows_times(x: Floats, matrix: Floats, bias: Floats, out: Floats) -> None:
    """Out = bias + x matrix, where x [N, D], matrix [D, H] and bias [H]."""
    depth, columns = (0, x.shape[1]), (0, matrix.shape[1])
    for first in range(0, len(x), _BLOCK):
        last = min(first + _BLOCK, len(x))
        for t in range(first, last):
            row = out[t]
            for j in range(len(bias)):
                row[j] = bias[j]
        add_product(x, (first, last), depth, matrix, 0, columns, out, first, 0)


@kernel(F2, F2, OUT2)
def add_columns_times(x: Floats, y: Floats, out: Floats) -> None:
    """out += x' y, where x [N, D] and y [N, H]."""
    add_transposed_product(x, (0, len(x)), (0, x.shape[1]), y, 0, (0, y.shape[1]), out, 0, 0)


def rows_times(x: Floats, weight: Floats, bias: Floats | None) -> Floats:
    """y = x W' + b, where x [N, D], W [H, D] and b [H]; on all threads."""
    y = np.empty((len(x), len(weight)), dtype=np.float32)
    matrix = np.ascontiguousarray(weight.T)
    added = np.zeros(len(weight), np.float32) if bias is None else bias

    def task(rows: slice) -> None:
        set_rows_times(x[rows], matrix, added, y[rows])

    threads.run(task, threads.slices(len(x), RUN))
    return y


def rows_times_back(d_y: Floats, x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return d_x = d_y W and d_W = d_y' x of y = x W'; on all threads."""
    d_x, slices = np.empty_like(x), threads.slices(len(x), RUN)
    d_weight = np.zeros((len(slices), *weight.shape), dtype=np.float32)
    nothing = np.zeros(weight.shape[1], dtype=np.float32)

    def task(number: int) -> None:
        last = slices[number].stop
        # Both while a few rows are in cache.
        for first in range(slices[number].start, last, _BLOCK):
            rows = slice(first, min(first + _BLOCK, last))
            set_rows_times(d_y[rows], weight, nothing, d_x[rows])
            add_columns_times(d_y[rows], x[rows], d_weight[number])

    threads.run(task, range(len(slices)))
    return d_x, d_weight.sum(axis=0)
