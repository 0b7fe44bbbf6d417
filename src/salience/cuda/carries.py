"""The second pass of a scan in segments: what each segment of a document begins with."""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import BOOL, F2, I1, INT, blocks, kernel, threads_for
from .segments import Segments

AHEAD = 32
"""Segments whose ends are read before the first is used, so that the reads overlap: there are
few threads to do other work meanwhile."""


def over(count: int, columns: int) -> tuple[tuple[int, int], int]:
    """Return the grid and the thread block for so many segments or documents: a thread a column."""
    threads = threads_for(columns)
    return (count, blocks(columns, threads)), threads


def begins(
    segments: Segments, ends: Any, factors: Any, initial: Any, split: int, *, reverse: bool = False
) -> Any:
    """Return what each segment begins with [K, H], from what it ends with when it begins with 0.

    b_1 = initial and b_{k+1} = b_k * factor_k + end_k, * elementwise, for columns
    before the split from a document's first segment to its last, for others from
    the last to the first; reversed, the other way round. `ends` is overwritten.
    """
    grid = over(int(initial.shape[0]), initial.shape[1])
    carry[grid](initial, factors, segments.ends, split, reverse, ends)
    return ends


@kernel(F2, F2, I1, INT, BOOL, F2)
def carry(
    initial: Any, factors: Any, segment_ends: Any, split: int, reverse: bool, ends: Any
) -> None:
    """Replace each end by its segment's beginning b: end, b = b, b * factor + end."""
    b, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= initial.shape[1]:
        return
    first, last = segment_ends[b], segment_ends[b + 1]
    ahead = (c < split) != reverse
    k, step = (first, 1) if ahead else (last - 1, -1)
    read = cuda.local.array((2, AHEAD), np.float32)
    begin = initial[b, c]
    for _ in range((last - first) // AHEAD):
        for i in range(AHEAD):
            read[0, i], read[1, i] = ends[k + i * step, c], factors[k + i * step, c]
        for i in range(AHEAD):
            ends[k + i * step, c] = begin
            begin = begin * read[1, i] + read[0, i]
        k += AHEAD * step
    for _ in range((last - first) % AHEAD):
        end = ends[k, c]
        ends[k, c] = begin
        begin = begin * factors[k, c] + end
        k += step


def nothing(segments: Segments, columns: int) -> tuple[Any, Any]:
    """Return uninitialised arrays for the ends and the factors of all segments."""
    return arrays.empty(len(segments), columns), arrays.empty(len(segments), columns)
