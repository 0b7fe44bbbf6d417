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
from .jit import F1, F2, F3, INT, blocks, inline, kernel
from .sums import column_sums

TILE = 64
EACH = 8
DEPTH = 16
"""Steps of k whose factors are in shared memory at once."""

SPAN = 1024
"""Rows of a batch that are summed by one block."""

SIDE = TILE // EACH
THREADS = SIDE * SIDE
_SHAPE = EACH, SIDE, DEPTH + 1
"""Factors in shared memory: [i, y, k] of row y + SIDE i. Neighbours along y and along
k lie in different banks, and an index of its own for y spares arithmetic in the loop."""


def rows_times(x: Any, weight: Any, bias: Any = None) -> Any:
    """Return y = x W' + b, where x [N, D], W [H, D] and b [H]."""
    return _product(product_of_transposed, x, weight, len(x), len(weight), x.shape[1], bias)


def rows_times_matrix(x: Any, matrix: Any) -> Any:
    """Return y = x M, where x [N, D] and M [D, H]."""
    return _product(product_of_rows, x, matrix, len(x), matrix.shape[1], x.shape[1])


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


def tiles(rows: int, columns: int) -> tuple[int, int]:
    """Return how many blocks cover so many rows and columns of a result."""
    return blocks(rows, TILE), blocks(columns, TILE)


def _product(
    kernel: Any, a: Any, b: Any, rows: int, columns: int, depth: int, bias: Any = None
) -> Any:
    out = arrays.empty(1, rows, columns)
    added = arrays.zeros(columns) if bias is None else bias
    _launch(kernel, a, b, added, depth, max(depth, 1), out)
    return out.reshape(rows, columns)


def _launch(kernel: Any, a: Any, b: Any, bias: Any, depth: int, span: int, out: Any) -> None:
    spans, rows, columns = out.shape
    kernel[(*tiles(rows, columns), spans), THREADS](a, b, bias, depth, span, out)


@inline
def cell(i: int, j: int) -> Any:
    """The row and the column of the result that this thread's number [i, j] is."""
    thread = cuda.threadIdx.x
    row, column = np.int64(cuda.blockIdx.x) * TILE, np.int64(cuda.blockIdx.y) * TILE
    return row + thread // SIDE + SIDE * i, column + thread % SIDE + SIDE * j


def _make_add(*, a_across: bool, b_across: bool) -> Callable[..., None]:
    """What adds a or a', times b or b'; across says that rows in memory are [k, i]."""

    def add(a: Any, b: Any, begin: int, end: int, rows: int, columns: int, sums: Any) -> None:
        left = cuda.shared.array(_SHAPE, np.float32)
        right = cuda.shared.array(_SHAPE, np.float32)
        row, column = np.int64(cuda.blockIdx.x) * TILE, np.int64(cuda.blockIdx.y) * TILE
        thread = cuda.threadIdx.x
        y, x = thread // SIDE, thread % SIDE
        for first in range(begin, end, DEPTH):
            for n in range(TILE * DEPTH // THREADS):
                at = thread + n * THREADS
                if a_across:
                    k, i = at // TILE, at % TILE
                    inside = first + k < end and row + i < rows
                    value = a[first + k, row + i] if inside else np.float32(0)
                else:
                    i, k = at // DEPTH, at % DEPTH
                    inside = first + k < end and row + i < rows
                    value = a[row + i, first + k] if inside else np.float32(0)
                left[i // SIDE, i % SIDE, k] = value
                if b_across:
                    k, i = at // TILE, at % TILE
                    inside = first + k < end and column + i < columns
                    value = b[first + k, column + i] if inside else np.float32(0)
                else:
                    i, k = at // DEPTH, at % DEPTH
                    inside = first + k < end and column + i < columns
                    value = b[column + i, first + k] if inside else np.float32(0)
                right[i // SIDE, i % SIDE, k] = value
            cuda.syncthreads()
            for k in range(DEPTH):
                for i in range(EACH):
                    factor = left[i, y, k]
                    for j in range(EACH):
                        sums[i, j] += factor * right[j, x, k]
            cuda.syncthreads()

    return inline(add)


add_rows = _make_add(a_across=False, b_across=True)
add_transposed = _make_add(a_across=False, b_across=False)
add_columns = _make_add(a_across=True, b_across=True)


def _make_product(name: str, add: Callable[..., None]) -> Callable[..., None]:
    def product(a: Any, b: Any, bias: Any, depth: int, span: int, out: Any) -> None:
        sums = cuda.local.array((EACH, EACH), np.float32)
        _, rows, columns = out.shape
        begin: Any = np.int64(cuda.blockIdx.z) * span
        for j in range(EACH):
            _, c = cell(0, j)
            added = bias[c] if c < columns else np.float32(0)
            for i in range(EACH):
                sums[i, j] = added
        add(a, b, begin, min(begin + span, depth), rows, columns, sums)
        for i in range(EACH):
            for j in range(EACH):
                r, c = cell(i, j)
                if r < rows and c < columns:
                    out[cuda.blockIdx.z, r, c] = sums[i, j]

    product.__qualname__ = name
    return product


_OF = kernel(F2, F2, F1, INT, INT, F3)
product_of_rows = _OF(_make_product("product_of_rows", add_rows))
product_of_transposed = _OF(_make_product("product_of_transposed", add_transposed))
product_of_columns = _OF(_make_product("product_of_columns", add_columns))
