"""Scalar products along rows on the GPU, a warp a row, summed in float64.

The order of a sum depends on the width alone.
"""

from typing import Any

import numpy as np
from numba import cuda

from .jit import blocks, inline

LANES = 32
"""Threads of a row."""

ROWS = 4
"""Rows of a block."""

AHEAD = 4
"""Numbers of each row that are read before the first is used."""

_FEW = 8


def over(rows: int) -> tuple[int, tuple[int, int]]:
    """Return the grid and the block for so many rows."""
    return blocks(rows, ROWS), (LANES, ROWS)


@inline
def row_of_warp() -> Any:
    """The row that this thread has a part in."""
    return np.int64(cuda.blockIdx.x) * ROWS + cuda.threadIdx.y


@inline
def wide_dot(a: Any, b: Any, i: int) -> Any:
    """a_i'b_i in all lanes; every thread of a block has to come here, and i may lie beyond."""
    parts = cuda.shared.array((ROWS, LANES), np.float64)
    fewer = cuda.shared.array((ROWS, _FEW), np.float64)
    x, y = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    row, lane, total = cuda.threadIdx.y, cuda.threadIdx.x, np.float64(0)
    width = a.shape[1] if i < len(a) else 0
    whole = width // (AHEAD * LANES) * AHEAD * LANES
    for first in range(lane, whole, AHEAD * LANES):
        for n in range(AHEAD):
            x[n], y[n] = a[i, first + n * LANES], b[i, first + n * LANES]
        for n in range(AHEAD):
            total += np.float64(x[n]) * np.float64(y[n])
    for d in range(whole + lane, width, LANES):
        total += np.float64(a[i, d]) * np.float64(b[i, d])
    parts[row, lane] = total
    cuda.syncthreads()
    if lane < _FEW:
        total = np.float64(0)
        for n in range(LANES // _FEW):
            total += parts[row, lane + n * _FEW]
        fewer[row, lane] = total
    cuda.syncthreads()
    total = np.float64(0)
    for n in range(_FEW):
        total += fewer[row, n]
    return total
