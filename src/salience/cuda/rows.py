"""Products and sums of 32 rows at a time, by a thread block of 32 x 4 threads."""

from typing import Any

import numpy as np
from numba import cuda

from .jit import inline

LANES, WARPS = 32, 4
EACH = LANES // WARPS
"""Rows whose products one warp begins."""

AHEAD = 8
"""Rows that are read before the first is used, so that the reads overlap."""

_SHAPE = EACH, WARPS, LANES + 1
"""Partial products in shared memory; the same one of 32 rows lies in 32 banks."""


@inline
def row_products(x: Any, queries: Any, q: Any, begin: Any, last: Any) -> Any:
    """Return the product of row begin + r with a query to lane r of the first warp."""
    parts = cuda.shared.array(_SHAPE, np.float32)
    sums = cuda.local.array(EACH, np.float32)
    lane, warp = cuda.threadIdx.x, cuda.threadIdx.y
    for i in range(EACH):
        sums[i] = 0
    for c in range(lane, x.shape[1], LANES):
        factor = queries[q, c]
        for i in range(EACH):
            sums[i] += factor * x[min(begin + warp + WARPS * i, last - 1), c]
    for i in range(EACH):
        parts[i, warp, lane] = sums[i]
    cuda.syncthreads()
    product = np.float32(0)
    if warp == 0:
        for j in range(LANES):
            product += parts[lane // WARPS, lane % WARPS, j]
    cuda.syncthreads()
    return product


@inline
def plus_rows(total: Any, shares: Any, x: Any, begin: Any, last: Any, c: Any) -> Any:
    """Return total + sum_j share_j x_{begin + j, c}; rows past the last come with share 0."""
    ahead = cuda.local.array(AHEAD, np.float32)
    column = np.uint64(c)
    for n in range(0, min(LANES, last - begin), AHEAD):
        for i in range(AHEAD):
            ahead[i] = x[np.uint64(min(begin + n + i, last - 1)), column]
        for i in range(AHEAD):
            total += shares[n + i] * ahead[i]
    return total
