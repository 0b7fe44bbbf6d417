"""Matrix products on the GPU.

Each number is one running sum over k, so that a row's bits do not depend on the
rows beside it; a sum over the rows of a batch is of groups of a fixed size, whose
sums are added in their order.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import F1, F3, INT, blocks, kernel
from .sums import column_sums
from .tiles import (
    EACH,
    THREADS,
    add_columns,
    add_rows,
    add_squares,
    add_transposed,
    beyond,
    first_cell,
    tiles,
)

GROUP = 1024
"""Rows of a group, which one thread block sums; more where there would be too many groups."""
MOST_GROUPS = 65_535
"""Thread blocks that CUDA allows on its third axis."""


def rows_times(x: Any, weight: Any, bias: Any = None) -> Any:
    """Return y = x W' + b, where x [N, D], W [H, D] and b [H]."""
    return _product(product_of_transposed, x, weight, len(x), len(weight), x.shape[1], bias)


def rows_times_matrix(x: Any, matrix: Any) -> Any:
    """Return y = x M, where x [N, D] and M [D, H]."""
    return _product(product_of_rows, x, matrix, len(x), matrix.shape[1], x.shape[1])


def columns_times(x: Any, y: Any) -> Any:
    """Return x' y, where x [N, D] and y [N, H]."""
    rows, width, columns = len(x), x.shape[1], y.shape[1]
    group = GROUP * max(1, blocks(rows, GROUP * MOST_GROUPS))
    groups = max(1, blocks(rows, group))
    parts = arrays.empty(groups, width, columns)
    _launch(product_of_columns, x, y, arrays.zeros(columns), rows, group, parts)
    return column_sums(parts.reshape(groups, width * columns)).reshape(width, columns)


def rows_times_back(d_y: Any, x: Any, weight: Any) -> tuple[Any, Any]:
    """Return d_x = d_y W and d_W = d_y' x of y = x W'."""
    return rows_times_matrix(d_y, weight), columns_times(d_y, x)


def squares_between(a: Any, b: Any) -> Any:
    """Return |a_i - b_j|^2 [A, B], as sums of squared differences; a [A, D] and b [B, D]."""
    return _product(squares_of_differences, a, b, len(a), len(b), a.shape[1])


def _product(
    kernel: Any, a: Any, b: Any, rows: int, columns: int, depth: int, bias: Any = None
) -> Any:
    out = arrays.empty(1, rows, columns)
    added = arrays.zeros(columns) if bias is None else bias
    _launch(kernel, a, b, added, depth, max(depth, 1), out)
    return out.reshape(rows, columns)


def _launch(kernel: Any, a: Any, b: Any, bias: Any, depth: int, group: int, out: Any) -> None:
    groups, rows, columns = out.shape
    flat = [array.reshape(array.size) for array in (a, b)]
    kernel[(tiles(rows, columns), 1, groups), THREADS](*flat, bias, depth, group, out)


def _make_product(name: str, add: Callable[..., None]) -> Callable[..., None]:
    def product(a: Any, b: Any, bias: Any, depth: int, group: int, out: Any) -> None:
        sums = cuda.local.array((EACH, EACH), np.float32)
        _, rows, columns = out.shape
        begin: Any = np.int64(cuda.blockIdx.z) * group
        r, c = first_cell(columns)
        for j in range(EACH):
            added = bias[min(c + beyond(j), columns - 1)]
            for i in range(EACH):
                sums[i, j] = added
        add(a, b, depth, begin, min(begin + group, depth), rows, columns, sums)
        for i in range(EACH):
            for j in range(EACH):
                row, column = r + beyond(i), c + beyond(j)
                if row < rows and column < columns:
                    out[cuda.blockIdx.z, row, column] = sums[i, j]

    product.__qualname__ = name
    return product


_OF = kernel(F1, F1, F1, INT, INT, F3)
product_of_rows = _OF(_make_product("product_of_rows", add_rows))
product_of_transposed = _OF(_make_product("product_of_transposed", add_transposed))
squares_of_differences = _OF(_make_product("squares_of_differences", add_squares))
product_of_columns = _OF(_make_product("product_of_columns", add_columns))
