"""The least and the greatest number of an array on the GPU."""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays, places
from .jit import F1, F2, I1, I2, INT, THREADS, blocks, kernel

MOST_BLOCKS = 256


def of(array: Any) -> tuple[float, float]:
    """Return both, NaN where any number is; two numbers per thread block come to the host."""
    with places.at(places.of(array)):
        return _here(places.view(array))


def rises(starts: Any, rows: int) -> bool:
    """Say whether whole numbers begin with 0, never fall and end with this one."""
    with places.at(places.of(starts)):
        seen = places.view(starts)
        if not seen.size:
            return False
        steps = arrays.empty(seen.size + 1, dtype=np.int64)
        steps_of[blocks(steps.size), THREADS](seen, rows, steps)
        least, _ = _here(steps)
    return least >= 0


def _here(seen: Any) -> tuple[float, float]:
    """Return both, on the current stream."""
    if not seen.size:
        return 0, 0
    flat = seen.reshape(seen.size)
    count = min(MOST_BLOCKS, blocks(seen.size))
    ends = arrays.empty(count, 2, dtype=seen.dtype)
    find = ends_of_floats if seen.dtype.kind == "f" else ends_of_ints
    find[count, THREADS](flat, ends)
    low, high = arrays.to_host(ends).T
    return low.min().item(), high.max().item()


@kernel(I1, INT, I1)
def steps_of(starts: Any, rows: int, steps: Any) -> None:
    """The differences of neighbours; at the ends -1 where the first is not 0, the last not rows."""
    i = cuda.grid(1)
    if i == 0:
        steps[i] = 0 if starts[0] == 0 else -1
    elif i < len(starts):
        steps[i] = starts[i] - starts[i - 1]
    elif i == len(starts):
        steps[i] = 0 if starts[i - 1] == rows else -1


@kernel(F1, F2)
def ends_of_floats(x: Any, ends: Any) -> None:
    """The least and the greatest of the numbers of each thread block."""
    low = cuda.shared.array(THREADS, np.float32)
    high = cuda.shared.array(THREADS, np.float32)
    thread, first = cuda.threadIdx.x, cuda.grid(1)
    if first < len(x):
        least = most = x[first]
        for i in range(first, len(x), cuda.gridsize(1)):
            least = least if least <= x[i] or least != least else x[i]
            most = most if most >= x[i] or most != most else x[i]
        low[thread], high[thread] = least, most
    cuda.syncthreads()
    if thread == 0:
        count: Any = min(THREADS, len(x) - np.int64(cuda.blockIdx.x) * THREADS)
        for j in range(1, count):
            least = least if least <= low[j] or least != least else low[j]
            most = most if most >= high[j] or most != most else high[j]
        ends[cuda.blockIdx.x, 0], ends[cuda.blockIdx.x, 1] = least, most


@kernel(I1, I2)
def ends_of_ints(x: Any, ends: Any) -> None:
    """The same of whole numbers."""
    low = cuda.shared.array(THREADS, np.int64)
    high = cuda.shared.array(THREADS, np.int64)
    thread, first = cuda.threadIdx.x, cuda.grid(1)
    if first < len(x):
        least = most = x[first]
        for i in range(first, len(x), cuda.gridsize(1)):
            least, most = min(least, x[i]), max(most, x[i])
        low[thread], high[thread] = least, most
    cuda.syncthreads()
    if thread == 0:
        count: Any = min(THREADS, len(x) - np.int64(cuda.blockIdx.x) * THREADS)
        for j in range(1, count):
            least, most = min(least, low[j]), max(most, high[j])
        ends[cuda.blockIdx.x, 0], ends[cuda.blockIdx.x, 1] = least, most
