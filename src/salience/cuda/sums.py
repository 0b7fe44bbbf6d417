"""Sums over many rows, always in the same order: the same bits each time."""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import F2, INT, blocks, kernel, threads_for

GROUP = 64
"""Rows of a group, which one thread adds up."""


def column_sums(x: Any) -> Any:
    """Return sum_t x_t [D] of x [N, D]: of groups of rows, then of groups of groups."""
    rows, columns = x.shape
    if not rows:
        return arrays.zeros(columns)
    threads = threads_for(columns)
    while True:  # at least once, as the sum of one row is new memory too
        groups = blocks(rows, GROUP)
        sums = arrays.empty(groups, columns)
        # Both on one axis, as CUDA allows 65,535 thread blocks on the others.
        add_rows[groups * blocks(columns, threads), threads](x, GROUP, sums)
        x, rows = sums, groups
        if rows == 1:
            return x.reshape(columns)


@kernel(F2, INT, F2)
def add_rows(x: Any, size: int, out: Any) -> None:
    """out_g = sum of the rows of group g."""
    across: Any = (x.shape[1] + cuda.blockDim.x - 1) // cuda.blockDim.x
    group = cuda.blockIdx.x // across
    c = cuda.blockIdx.x % across * cuda.blockDim.x + cuda.threadIdx.x
    if c < x.shape[1]:
        total = np.float32(0)
        for t in range(group * size, min((group + 1) * size, x.shape[0])):
            total += x[t, c]
        out[group, c] = total
