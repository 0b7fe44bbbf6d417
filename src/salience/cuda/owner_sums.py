"""Sums of each owner's rows, always in the same order.

Sorted keys are in groups of a fixed size. Where all keys of an owner are in one
group, the sum is written; of an owner whose keys go on in the group before or after,
there is a partial sum. The partial sums, in their order, are summed in the same way,
until one group holds them all. So no thread's loop grows with an owner's rows.
"""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import F1, F2, I1, INT, blocks, inline, kernel
from .keys import Keys
from .spread import over

GROUP = 32
"""Keys of a group, whose rows one thread adds up."""

AHEAD = 8
"""Keys and rows that are read before the first is used, so that the reads overlap."""


def add_up(x: Any, keys: Keys, out: Any) -> None:
    """out_o = sum of share_t * x_t over owner o's rows t; left as it was where it has none.

    x [N, D] and out [O, D].
    """
    now, shares, width = keys.sorted, keys.shares, x.shape[1]
    while len(now):
        count = blocks(len(now), GROUP)
        parts, part_keys = arrays.empty(2 * count, width), arrays.empty(2 * count, dtype=np.int64)
        add_groups[over(count, width)](x, shares, now, keys.shift, GROUP, out, parts, part_keys)
        if count == 1:
            return
        x, shares, now = parts, arrays.empty(0), part_keys


@kernel(F2, F1, I1, INT, INT, F2, F2, I1)
def add_groups(
    x: Any, shares: Any, keys: Any, shift: int, size: int, out: Any, parts: Any, part_keys: Any
) -> None:
    """Parts 2k and 2k + 1 are of the owners whose keys cross group k's beginning and its end."""
    k = np.int64(cuda.blockIdx.x) * cuda.blockDim.y + cuda.threadIdx.y
    c = cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    first: Any = k * size
    if first >= len(keys) or c >= x.shape[1]:
        return
    last: Any = min(first + size, len(keys))
    own, read = cuda.local.array(AHEAD, np.int64), cuda.local.array(AHEAD, np.float32)
    owner, total, nobody = keys[first] >> shift, np.float32(0), len(out)
    crosses = first > 0 and owner < nobody and keys[first - 1] >> shift == owner
    head = owner if crosses else nobody
    whole: Any = first + (last - first) // AHEAD * AHEAD
    for t in range(first, whole, AHEAD):
        for i in range(AHEAD):
            own[i] = keys[t + i]
        for i in range(AHEAD):
            read[i] = _share(x, shares, own[i], shift, c)
        for i in range(AHEAD):
            if own[i] >> shift != owner:
                _write(total, owner, crosses, out, parts, k, c)
                owner, total, crosses = own[i] >> shift, np.float32(0), False
            total += read[i]
    for t in range(whole, last):
        if keys[t] >> shift != owner:
            _write(total, owner, crosses, out, parts, k, c)
            owner, total, crosses = keys[t] >> shift, np.float32(0), False
        total += _share(x, shares, keys[t], shift, c)
    goes_on = last < len(keys) and owner < nobody and keys[last] >> shift == owner
    if crosses or not goes_on:
        _write(total, owner, crosses, out, parts, k, c)
    if goes_on:
        parts[2 * k + 1, c] = np.float32(0) if crosses else total
    if c == 0:
        part_keys[2 * k] = (head << shift) | (2 * k)
        part_keys[2 * k + 1] = ((owner if goes_on else nobody) << shift) | (2 * k + 1)


@inline
def _share(x: Any, shares: Any, key: int, shift: int, c: int) -> Any:
    t = key & ((np.int64(1) << shift) - 1)
    return shares[t] * x[t, c] if len(shares) else x[t, c]


@inline
def _write(total: Any, owner: int, crosses: bool, out: Any, parts: Any, k: int, c: int) -> None:
    """Write a sum that ends here: as a part where it began in a group before."""
    if crosses:
        parts[2 * k, c] = total
    elif owner < len(out):
        out[owner, c] = total
