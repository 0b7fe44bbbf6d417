"""Sorted keys: which rows belong to which owner, in their order.

A key is an owner and, in its lowest bits, a row.
"""

from typing import Any, NamedTuple

import numpy as np
from numba import cuda

from . import arrays
from .jit import F1, I1, INT, THREADS, blocks, inline, kernel
from .running_sums import sums_before
from .sorting import sort


class Keys(NamedTuple):
    """Sorted keys.

    sorted [M]: in rising order. shift: how many of the lowest bits are the row.
    shares [N]: the factor of each row in a sum; empty where all are 1.
    """

    sorted: Any
    shift: int
    shares: Any


def of_rows(owners: Any, count: int) -> Keys:
    """Row t belongs to owner t, of which there are so many."""
    return _sorted(owners, count, arrays.empty(0, dtype=np.int64), arrays.empty(0), len(owners))


def of_shared_rows(owners: Any, starts: Any, count: int) -> Keys:
    """Row t belongs in equal shares to the owners from starts[t] to starts[t + 1]."""
    rows = len(starts) - 1
    shares = arrays.empty(rows)
    share[blocks(rows), THREADS](starts, shares)
    return _sorted(owners, count, starts, shares, rows)


def numbered(keys: Keys) -> tuple[Any, Keys]:
    """Return the different owners [U], rising, and keys with their numbers instead; waits for U."""
    total = len(keys.sorted)
    if not total:
        return arrays.empty(0, dtype=np.int64), keys
    grid, numbers = blocks(total), arrays.empty(total, dtype=np.int64)
    mark_last[grid, THREADS](keys.sorted, keys.shift, numbers)
    sums_before(numbers)
    different = int(arrays.to_host(numbers[total - 1 :])[0]) + 1
    owners, renamed = arrays.empty(different, dtype=np.int64), arrays.empty_like(numbers)
    rename[grid, THREADS](keys.sorted, keys.shift, numbers, owners, renamed)
    return owners, keys._replace(sorted=renamed)


def _sorted(owners: Any, count: int, starts: Any, shares: Any, rows: int) -> Keys:
    # Partial sums are rows too: see owner_sums.py.
    shift = _bits(max(len(owners), rows) + 1)
    keys = arrays.empty_like(owners)
    join[blocks(len(owners)), THREADS](owners, starts, shift, keys)
    return Keys(sort(keys, shift, _bits(count)), shift, shares)


def _bits(count: int) -> int:
    """How many bits the numbers below this have."""
    return max(count - 1, 0).bit_length()


@kernel(I1, F1)
def share(starts: Any, shares: Any) -> None:
    """1 / the number of a row's owners."""
    t = cuda.grid(1)
    if t < len(shares):
        shares[t] = np.float32(1) / np.float32(max(starts[t + 1] - starts[t], 1))


@kernel(I1, I1, INT, I1)
def join(owners: Any, starts: Any, shift: int, keys: Any) -> None:
    """Each owner and its row, which is its place where there are no starts."""
    i = cuda.grid(1)
    if i < len(owners):
        row = _row_of(i, starts) if len(starts) else i
        keys[i] = (owners[i] << shift) | row


@inline
def _row_of(i: int, starts: Any) -> Any:
    """Return the last row that begins at i or before, by binary search."""
    low, high = np.int64(0), np.int64(len(starts))
    while high - low > 1:
        middle = (low + high) // 2
        if starts[middle] <= i:
            low = middle
        else:
            high = middle
    return low


@kernel(I1, INT, I1)
def mark_last(keys: Any, shift: int, marks: Any) -> None:
    """1 for an owner's last key, else 0: the running sums before each key number the owners."""
    i = cuda.grid(1)
    if i < len(keys):
        last = i + 1 < len(keys) and keys[i] >> shift != keys[i + 1] >> shift
        marks[i] = 1 if last else 0


@kernel(I1, INT, I1, I1, I1)
def rename(keys: Any, shift: int, numbers: Any, owners: Any, out: Any) -> None:
    """Put an owner's number in the place of the owner in each key; owners [U] gets the owners."""
    i = cuda.grid(1)
    if i < len(keys):
        owner = keys[i] >> shift
        out[i] = keys[i] ^ ((owner ^ numbers[i]) << shift)
        if i == 0 or numbers[i - 1] != numbers[i]:
            owners[numbers[i]] = owner
