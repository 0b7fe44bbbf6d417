"""Sums and scalar products along rows on the GPU, a warp a row, summed in float64.

The order of a sum depends on the width alone.
"""

from typing import Any

import numpy as np
from numba import cuda

from .jit import blocks, inline

LANES = 32
"""Threads of a warp, which share one row."""

BLOCK_ROWS = 4
"""Rows of a thread block."""

AHEAD = 4
"""Numbers of each row that are read before the first is used, so that the reads overlap."""

_ADDERS = 8
"""Threads that add up the partial sums of a warp, before each adds up these threads' sums."""


def over(rows: int) -> tuple[int, tuple[int, int]]:
    """Return the grid and the thread block for so many rows."""
    return blocks(rows, BLOCK_ROWS), (LANES, BLOCK_ROWS)


@inline
def row_of_warp() -> Any:
    """Return the row that this thread's warp works on."""
    return np.int64(cuda.blockIdx.x) * BLOCK_ROWS + cuda.threadIdx.y


@inline
def wide_dot(a: Any, b: Any, i: int) -> Any:
    """a_i'b_i in all lanes. It has barriers: all threads must call it, also with i past the end."""
    x, y = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    lane, total = cuda.threadIdx.x, np.float64(0)
    width = a.shape[1] if i < len(a) else 0
    whole = width // (AHEAD * LANES) * AHEAD * LANES
    for first in range(lane, whole, AHEAD * LANES):
        for n in range(AHEAD):
            x[n], y[n] = a[i, first + n * LANES], b[i, first + n * LANES]
        for n in range(AHEAD):
            total += np.float64(x[n]) * np.float64(y[n])
    for d in range(whole + lane, width, LANES):
        total += np.float64(a[i, d]) * np.float64(b[i, d])
    return wide_sum(total)


@inline
def wide_sum(total: Any) -> Any:
    """Return the sum of the lanes' totals, in all lanes. It has barriers, as wide_dot has."""
    parts = cuda.shared.array((BLOCK_ROWS, LANES), np.float64)
    fewer = cuda.shared.array((BLOCK_ROWS, _ADDERS), np.float64)
    row, lane = cuda.threadIdx.y, cuda.threadIdx.x
    parts[row, lane] = total
    cuda.syncthreads()
    if lane < _ADDERS:
        total = np.float64(0)
        for n in range(LANES // _ADDERS):
            total += parts[row, lane + n * _ADDERS]
        fewer[row, lane] = total
    cuda.syncthreads()
    total = np.float64(0)
    for n in range(_ADDERS):
        total += fewer[row, n]
    return total
