"""A thread's walk along a column of its chunk, from place to place in a flat array.

Places are unsigned: numba would look for a negative one at the array's end, at
the cost of as many instructions as the walk needs itself.
"""

from typing import Any

import numpy as np

from .jit import inline

AHEAD = 8
"""Steps whose numbers are read before the first is used, so that the reads overlap."""


def flat(array: Any) -> Any:
    """Return a device array's numbers end to end, without a copy."""
    return array.reshape(array.size)


@inline
def walk(chunks: Any, k: int, c: int, width: int, ahead: bool) -> tuple[int, int, int]:
    """Return where column c of chunk k begins, what leads to the next row, and how many follow."""
    first, last = chunks[k, 0], chunks[k, 1]
    if ahead:
        return first * width + c, width, last - first
    return (last - 1) * width + c, -width, last - first


@inline
def place(at: int, step: int, i: int, left: int) -> Any:
    """Return the place i steps from here; this one, which can be read, where fewer are left."""
    return np.uint64(at + i * step if i < left else at)


@inline
def is_last(chunks: Any, chunk_ends: Any, k: int, ahead: bool) -> Any:
    """Say whether chunk k is its document's last on a walk ahead, or back."""
    b = chunks[k, 2]
    return k == (chunk_ends[b + 1] - 1 if ahead else chunk_ends[b])
