"""Matrix products on the GPU: 64 x 64 numbers of the result a block, 8 x 8 a thread.

Each number is one running sum over k, so that a row's bits do not depend on the
rows beside it; where the sum is over rows of a batch, it is divided into spans
of fixed size, whose sums are added in their order.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import F1, F2, F3, INT, blocks, kernel
from .sums import column_sums

TILE = 64
EACH = 8
DEPTH = 16
"""Steps of k whose factors are in shared memory at once."""

SPAN = 1024
"""Rows of a batch that are summed by one block."""

_SIDE = TILE // EACH
_THREADS = _SIDE * _SIDE
_SHAPE = EACH, _SIDE, DEPTH + 1
"""Factors in shared memory: [i, y, k] of row y + _SIDE i. Neighbours along y and along
k lie in different banks, and an index of its own for y spares arithmetic in the loop."""


def rows_times(x: Any, weight: Any, bias: Any = None) -> Any:
    """Return y = x W' + b, where x [N, D], W [H, D] and b [H]."""
    return _product(product_of_transposed, x, weight, len(x), len(weight), x.shape[1], bias)


def rows_times_matrix(x: Any, matrix: Any) -> Any:
    """Return y = x M, where x [N, D] and M [D, H]."""
    return _product(product_of_rows, x, matrix, len(x), matrix.shape[1], x.shape[1])


def squares_between(a: Any, b: Any) -> Any:
    """Return |a_i - b_j|^2 [A, B], the squares of differences summed; a [A, D] and b [B, D]."""
    return _product(squares_of_differences, a, b, len(a), len(b), a.shape[1])


def columns_times(x: Any, y: Any) -> Any:
    """Return x' y, where x [N, D] and y [N, H]."""
    rows, width, columns = len(x), x.shape[1], y.shape[1]
    spans = max(1, blocks(rows, SPAN))
    parts = arrays.empty(spans, width, columns)
    _launch(product_of_columns, x, y, arrays.zeros(columns), rows, SPAN, parts)
    return column_sums(parts.reshape(spans, width * columns)).reshape(width, columns)


def rows_times_back(d_y: Any, x: Any, weight: Any) -> tuple[Any, Any]:
    """Return d_x = d_y W and d_W = d_y' x of y = x W'."""
    return rows_times_matrix(d_y, weight), columns_times(d_y, x)


def _product(
    kernel: Any, a: Any, b: Any, rows: int, columns: int, depth: int, bias: Any = None
) -> Any:
    out = arrays.empty(1, rows, columns)
    added = arrays.zeros(columns) if bias is None else bias
    _launch(kernel, a, b, added, depth, max(depth, 1), out)
    return out.reshape(rows, columns)


def _launch(kernel: Any, a: Any, b: Any, bias: Any, depth: int, span: int, out: Any) -> None:
    spans, rows, columns = out.shape
    # Both on one axis, as CUDA's others end at 65,535 blocks.
    grid = blocks(rows, TILE) * blocks(columns, TILE), 1, spans
    kernel[grid, _THREADS](a, b, bias, depth, span, out)


def _make_product(
    name: str, *, a_across: bool, b_across: bool, squares: bool = False
) -> Callable[..., None]:
    """A kernel for a or a', and b or b'; across says that rows in memory are [k, i].

    Of squares, it sums (a_ik - b_jk)^2 instead.
    """

    def product(a: Any, b: Any, bias: Any, depth: int, span: int, out: Any) -> None:
        left = cuda.shared.array(_SHAPE, np.float32)
        right = cuda.shared.array(_SHAPE, np.float32)
        sums = cuda.local.array((EACH, EACH), np.float32)
        rows, columns = out.shape[1], out.shape[2]
        across: Any = (columns + TILE - 1) // TILE
        row = np.int64(cuda.blockIdx.x // across) * TILE
        column = np.int64(cuda.blockIdx.x % across) * TILE
        thread = cuda.threadIdx.x
        y, x = thread // _SIDE, thread % _SIDE
        begin: Any = np.int64(cuda.blockIdx.z) * span
        for j in range(EACH):
            c = column + x + _SIDE * j
            added = bias[c] if c < columns else np.float32(0)
            for i in range(EACH):
                sums[i, j] = added
        for first in range(begin, min(begin + span, depth), DEPTH):
            for n in range(TILE * DEPTH // _THREADS):
                place = thread + n * _THREADS
                if a_across:
                    k, i = place // TILE, place % TILE
                    inside = first + k < depth and row + i < rows
                    value = a[first + k, row + i] if inside else np.float32(0)
                else:
                    i, k = place // DEPTH, place % DEPTH
                    inside = first + k < depth and row + i < rows
                    value = a[row + i, first + k] if inside else np.float32(0)
                left[i // _SIDE, i % _SIDE, k] = value
                if b_across:
                    k, i = place // TILE, place % TILE
                    inside = first + k < depth and column + i < columns
                    value = b[first + k, column + i] if inside else np.float32(0)
                else:
                    i, k = place // DEPTH, place % DEPTH
                    inside = first + k < depth and column + i < columns
                    value = b[column + i, first + k] if inside else np.float32(0)
                right[i // _SIDE, i % _SIDE, k] = value
            cuda.syncthreads()
            for k in range(DEPTH):
                for i in range(EACH):
                    factor = left[i, y, k]
                    for j in range(EACH):
                        if squares:
                            difference = factor - right[j, x, k]
                            sums[i, j] += difference * difference
                        else:
                            sums[i, j] += factor * right[j, x, k]
            cuda.syncthreads()
        for i in range(EACH):
            r = row + y + _SIDE * i
            for j in range(EACH):
                c = column + x + _SIDE * j
                if r < rows and c < columns:
                    out[cuda.blockIdx.z, r, c] = sums[i, j]

    product.__qualname__ = name
    return product


_OF = kernel(F2, F2, F1, INT, INT, F3)
product_of_rows = _OF(_make_product("product_of_rows", a_across=False, b_across=True))
product_of_transposed = _OF(_make_product("product_of_transposed", a_across=False, b_across=False))
squares_of_differences = _OF(
    _make_product("squares_of_differences", a_across=False, b_across=False, squares=True)
)
product_of_columns = _OF(_make_product("product_of_columns", a_across=True, b_across=True))
