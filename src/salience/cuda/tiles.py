"""A tile of a matrix product: 64 x 64 numbers per thread block, 8 x 8 per thread.

Most of the work beside the sums is to compute addresses. So arrays are flat, offsets
in a tile have 32 bits (enough for rows of up to 33 million numbers), and an index is
unsigned: of a signed one numba asks whether it is negative, to count from the end.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import cuda

from .jit import blocks, inline
from .simulated import SIMULATED

TILE, EACH, HALF = 64, 8, 4
SIDE = TILE // EACH
THREADS = SIDE * SIDE
DEPTH = 16
"""Steps of k whose factors are in shared memory at once."""

_READS = TILE * DEPTH // THREADS
_APART = THREADS // DEPTH
"""Lines between two that a thread reads, where k lies along a row. A line of a factor is what
becomes a row, or a column, of the result."""

_SHAPE = 2, 2, DEPTH, SIDE + 1, HALF
"""Factors in shared memory: [a or b, half, k, side, i] of line 32 half + 4 side + i of the
tile. Four neighbours along i are read at once, and neighbours along k lie in other banks."""


def tiles(rows: int, columns: int) -> int:
    """Return how many thread blocks cover so many rows and columns of a result.

    They are all on one axis, as CUDA allows 65,535 on the others.
    """
    return blocks(rows, TILE) * blocks(columns, TILE)


@inline
def corner(columns: int) -> Any:
    """Return the first row and the first column of the thread block's tile."""
    across: Any = (columns + TILE - 1) // TILE
    return cuda.blockIdx.x // across * TILE, cuda.blockIdx.x % across * TILE


@inline
def sides() -> Any:
    """Return a thread's place (y, x) in the tile.

    Neighbouring threads share y or x, and so their reads of shared memory.
    """
    thread = cuda.threadIdx.x
    return thread % 2 + thread // 16 * 2, thread // 2 % SIDE


@inline
def first_cell(columns: int) -> Any:
    """Return the row and the column of a thread's first number in the result."""
    (y, x), (row, column) = sides(), corner(columns)
    return row + y * HALF, column + x * HALF


@inline
def beyond(i: int) -> int:
    """Return how many rows below its first a thread's row i is; columns alike."""
    return i // HALF * (TILE // 2) + i % HALF


@inline
def read_along(x: Any, stride: Any, line: Any, lines: Any, first: Any, end: Any, out: Any) -> None:
    """Read a thread's factors of a tile into registers, from an array [line, k]; 0 past the end.

    Outside, the edge is read: with a branch the reads could not be issued together.
    """
    thread = cuda.threadIdx.x
    own, k = min(line + thread // DEPTH, lines - 1), first + thread % DEPTH
    begin = np.uint64(own * stride + min(k, end - 1))
    step, most = np.int32(_APART * stride), np.int32(min(lines - 1 - own, TILE) * stride)
    for n in range(_READS):
        factor = x[begin + np.uint64(min(np.int32(n * step), most))]
        out[n] = factor if k < end else np.float32(0)


@inline
def read_across(x: Any, stride: Any, line: Any, lines: Any, first: Any, end: Any, out: Any) -> None:
    """The same from an array [k, line]."""
    begin = np.uint64(first * stride + min(line + cuda.threadIdx.x, lines - 1))
    steps = np.int32(min(end - first, DEPTH))
    step, most = np.int32(stride), np.int32((steps - 1) * stride)
    for n in range(_READS):
        factor = x[begin + np.uint64(min(np.int32(n * step), most))]
        out[n] = factor if n < steps else np.float32(0)


@inline
def keep_along(read: Any, factors: Any, of: int) -> None:
    """Write what read_along has read to shared memory."""
    k, i = np.uint64(cuda.threadIdx.x % DEPTH), np.uint64(cuda.threadIdx.x // DEPTH)
    for n in range(_READS):
        factors[of, n // SIDE, k, n % SIDE, i] = read[n]


@inline
def keep_across(read: Any, factors: Any, of: int) -> None:
    """Write what read_across has read to shared memory."""
    half, line = cuda.threadIdx.x // (TILE // 2), cuda.threadIdx.x % (TILE // 2)
    h, side, i = np.uint64(half), np.uint64(line // HALF), np.uint64(line % HALF)
    for n in range(_READS):
        factors[of, h, n, side, i] = read[n]


@inline
def add_step(factors: Any, step: Any, y: Any, x: Any, sums: Any) -> None:
    """sums_ij += a_ik b_jk."""
    k = np.uint64(step)
    for i in range(EACH):
        factor = factors[0, i // HALF, k, y, i % HALF]
        for j in range(EACH):
            sums[i, j] += factor * factors[1, j // HALF, k, x, j % HALF]


@inline
def add_square(factors: Any, step: Any, y: Any, x: Any, sums: Any) -> None:
    """sums_ij += (a_ik - b_jk)^2."""
    k = np.uint64(step)
    for i in range(EACH):
        factor = factors[0, i // HALF, k, y, i % HALF]
        for j in range(EACH):
            difference = factor - factors[1, j // HALF, k, x, j % HALF]
            sums[i, j] += difference * difference


def _make_add(
    step: Callable[..., None], *, a_across: bool = False, b_across: bool = False
) -> Callable[..., None]:
    """Make add(...), which adds the steps begin..end to sums; across: the array is [k, line]."""
    read_a, keep_a = (read_across, keep_across) if a_across else (read_along, keep_along)
    read_b, keep_b = (read_across, keep_across) if b_across else (read_along, keep_along)

    def add(
        a: Any, b: Any, depth: int, begin: Any, end: Any, rows: int, columns: int, sums: Any
    ) -> None:
        # Aligned, so that one load reads four numbers; the simulator has no such option.
        if SIMULATED:
            factors = cuda.shared.array(_SHAPE, np.float32)
        else:
            factors = cuda.shared.array(_SHAPE, np.float32, alignment=16)
        read = cuda.local.array((2, _READS), np.float32)
        row, column = corner(columns)
        a_stride, b_stride = rows if a_across else depth, columns if b_across else depth
        side = sides()
        y, x = np.uint64(side[0]), np.uint64(side[1])
        for first in range(begin, end, DEPTH):
            read_a(a, a_stride, row, rows, first, end, read[0])
            read_b(b, b_stride, column, columns, first, end, read[1])
            cuda.syncthreads()
            keep_a(read[0], factors, 0)
            keep_b(read[1], factors, 1)
            cuda.syncthreads()
            for k in range(0, DEPTH, 2):  # two per turn, as LLVM does not unroll so long a loop
                step(factors, k, y, x, sums)
                step(factors, k + 1, y, x, sums)

    return inline(add)


add_rows = _make_add(add_step, b_across=True)
add_transposed = _make_add(add_step)
add_columns = _make_add(add_step, a_across=True, b_across=True)
add_squares = _make_add(add_square)
