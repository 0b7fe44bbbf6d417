"""Products whose tile stays in registers, for kernels that use it there: 8 x 8 threads.

Thread (y, x) has the rows 32 g + 4 y + e of a tile, as its numbers 4 g + e, and the
columns 32 g + 4 x + e. Its factors lie in fours side by side in shared memory: one
load reads four, and a quarter of a warp reads 128 bytes without a bank conflict.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from ...cuda.jit import inline
from ...cuda.simulated import SIMULATED

SIDE = 8
THREADS = SIDE * SIDE

DEPTH = 16
"""Steps whose factors are in shared memory at once."""

COLUMNS = 64
"""Columns of values that a thread block weighs."""
ONE, TWO, THREE, FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
EIGHT, THIRTY_TWO = np.uint64(8), np.uint64(32)

VALUE_COLUMNS = COLUMNS // SIDE
"""Those of one thread."""

FACTORS_SHAPE = DEPTH, COLUMNS // 4 + 1, 4
"""Factors in shared memory: [k, i // 4, i % 4] of row i; four of a warp's rows and
eight steps of each, which are written at once, lie in 32 different banks."""

NUMBERS_SHAPE = SIDE, 2 * SIDE, 4
"""One number of every thread and row in shared memory: [x, i // 4, i % 4] of row i."""

ALIGNED = None if SIMULATED else 16
"""Bytes, so that four numbers are one load; the simulator knows no such option."""


def weights_shape(each: int) -> tuple[int, int, int]:
    """Return the shape of a tile of weights in shared memory, of so many rows a thread."""
    return SIDE * each, SIDE * each // 4, 4


@inline
def row_of(i: int, y: int) -> int:
    """Return the row of a tile that is number i of thread row y; columns alike, by x."""
    return 32 * (i >> 2) + 4 * y + (i & 3)


@inline
def quad_of(x: int, i: int, y: int) -> int:
    """Return where in row x of a tile of weights the four columns with number i of y lie.

    Rows are permuted (XOR), so that threads that write one column of several rows use
    different banks.
    """
    return (SIDE * (i >> 2) + y) ^ x


def make_keep(each: int) -> Callable[..., None]:
    """Make the function that writes a tile of weights to shared memory, four rows at once."""

    @inline
    def keep(scores: Any, weights: Any) -> None:
        """weights[j, i] = scores_ij."""
        y, x = cuda.threadIdx.x >> 3, cuda.threadIdx.x & 7
        for j in range(each):
            for i in range(each):
                weights[row_of(j, x), quad_of(x, i, y), i & 3] = scores[i, j]

    function: Callable[..., None] = keep
    return function


def _make_add(each: int, columns: int) -> Callable[..., None]:
    @inline
    def add(left: Any, k: Any, y: Any, right: Any, m: Any, x: Any, sums: Any) -> None:
        """sums_ij += left[k, i] right[m, j]."""
        for i in range(each):
            factor = left[k, np.uint64(SIDE * (i >> 2)) + y, i & 3]
            for j in range(columns):
                sums[i, j] += factor * right[m, np.uint64(SIDE * (j >> 2)) + x, j & 3]

    function: Callable[..., None] = add
    return function


def make_product(each: int) -> Callable[..., None]:
    """Make sums_ij = a_i' b_j of tiles with so many rows a thread."""
    add = _make_add(each, each)

    @inline
    def load(
        x: Any, across: int, at: int, row: int, last: int, first: int, depth: int, out: Any
    ) -> None:
        """out[k, i] = x[row + i, at + first + k], 0 from depth on; past the last row, the last."""
        thread = cuda.threadIdx.x
        k, i, warp = thread & 7, (thread >> 3) & 3, thread >> 5
        begin = np.uint64(row * across + at)
        # 32-bit offsets in a tile: 64-bit ones of each row would take twice the registers.
        place = np.int32((4 * warp + i) * across + first + k)
        most = np.int32(min(last - row - 1, SIDE * each - 1) * across + first + k)
        one, two = first + k < depth, first + k + 8 < depth
        read = cuda.local.array((2, each), np.float32)
        if first + DEPTH <= depth:
            for n in range(each):
                j = begin + np.uint64(min(place, most))
                read[0, n], read[1, n] = x[j], x[j + EIGHT]
                place = np.int32(place + np.int32(8 * across))
        else:
            for n in range(each):
                j = begin + np.uint64(min(place, most))
                read[0, n] = x[j] if one else np.float32(0)
                read[1, n] = x[j + EIGHT] if two else np.float32(0)
                place = np.int32(place + np.int32(8 * across))
        for n in range(each):
            out[np.uint64(k), np.uint64(2 * n + warp), np.uint64(i)] = read[0, n]
            out[np.uint64(k + 8), np.uint64(2 * n + warp), np.uint64(i)] = read[1, n]

    @inline
    def product(
        a: Any, a_across: int, a_at: int, row: int, last: int,
        b: Any, b_across: int, b_at: int, other: int, end: int,
        depth: int, left: Any, right: Any, sums: Any,
    ) -> None:  # fmt: skip
        """sums_ij = sum over k < depth of a[row + i, a_at + k] b[other + j, b_at + k]."""
        y, x = np.uint64(cuda.threadIdx.x >> 3), np.uint64(cuda.threadIdx.x & 7)
        for i in range(each):
            for j in range(each):
                sums[i, j] = np.float32(0)
        for first in range(0, depth, DEPTH):
            cuda.syncthreads()
            load(a, a_across, a_at, row, last, first, depth, left)
            load(b, b_across, b_at, other, end, first, depth, right)
            cuda.syncthreads()
            k = np.uint64(0)
            for _ in range((min(DEPTH, depth - first) + 3) >> 2):
                add(left, k, y, right, k, x, sums)
                add(left, k + ONE, y, right, k + ONE, x, sums)
                add(left, k + TWO, y, right, k + TWO, x, sums)
                add(left, k + THREE, y, right, k + THREE, x, sums)
                k += FOUR

    function: Callable[..., None] = product
    return function


def make_weigh(each: int) -> Callable[..., None]:
    """Make sums_ic += sum_j w_ji v_jc of a tile of weights with so many rows a thread."""
    add = _make_add(each, VALUE_COLUMNS)

    @inline
    def load(x: Any, across: int, row: int, last: int, column: int, end: int, out: Any) -> None:
        """out[j, c] = x[row + j, column + c]; the last row and column again past them."""
        c, warp = cuda.threadIdx.x & 31, cuda.threadIdx.x >> 5
        begin = np.uint64(row * across + column)
        place = np.int32(warp * across + c)
        most = np.int32((last - row - 1) * across + c)
        one, two = column + c < end, column + c + 32 < end
        read = cuda.local.array((2, 8), np.float32)
        if column + COLUMNS <= end:
            for n in range(8):
                j = begin + np.uint64(min(place, most))
                read[0, n], read[1, n] = x[j], x[j + THIRTY_TWO]
                place = np.int32(place + np.int32(2 * across))
        else:
            for n in range(8):
                j = begin + np.uint64(min(place, most))
                read[0, n] = x[j] if one else np.float32(0)
                read[1, n] = x[j + THIRTY_TWO] if two else np.float32(0)
                place = np.int32(place + np.int32(2 * across))
        for n in range(8):
            out[np.uint64(2 * n + warp), np.uint64(c >> 2), np.uint64(c & 3)] = read[0, n]
            out[np.uint64(2 * n + warp), np.uint64((c >> 2) + 8), np.uint64(c & 3)] = read[1, n]

    @inline
    def weigh(
        weights: Any, values: Any, across: int, row: int, last: int, column: int, end: int,
        right: Any, sums: Any,
    ) -> None:  # fmt: skip
        """sums_ic += sum over j from row to last of weights[j - row, i] values[j, column + c]."""
        y, x = np.uint64(cuda.threadIdx.x >> 3), np.uint64(cuda.threadIdx.x & 7)
        for first in range(0, last - row, DEPTH):
            cuda.syncthreads()
            load(values, across, row + first, last, column, end, right)
            cuda.syncthreads()
            j, row_of_weights = np.uint64(0), np.uint64(first)
            for four in range((min(DEPTH, last - row - first) + 3) >> 2):
                turned = y ^ np.uint64((first // 4 + four) & 7)
                add(weights, row_of_weights, turned, right, j, x, sums)
                add(weights, row_of_weights + ONE, turned, right, j + ONE, x, sums)
                add(weights, row_of_weights + TWO, turned, right, j + TWO, x, sums)
                add(weights, row_of_weights + THREE, turned, right, j + THREE, x, sums)
                row_of_weights += FOUR
                j += FOUR

    function: Callable[..., None] = weigh
    return function
