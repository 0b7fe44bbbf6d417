"""A thread's walk along a column of its segment, in a flat array.

Indices are unsigned: of a signed one numba asks whether it is negative, to count from
the end, which would cost as many instructions as the walk itself.
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
def walk(segments: Any, k: int, c: int, width: int, ahead: bool) -> tuple[int, int, int]:
    """Return the index where column c of segment k begins, the step to the next row, and rows."""
    first, last = segments[k, 0], segments[k, 1]
    if ahead:
        return first * width + c, width, last - first
    return (last - 1) * width + c, -width, last - first


@inline
def place(at: int, step: int, i: int, left: int) -> Any:
    """Return the index i steps from `at`; `at` itself, which is valid, where fewer are left."""
    return np.uint64(at + i * step if i < left else at)


@inline
def is_last(segments: Any, segment_ends: Any, k: int, ahead: bool) -> Any:
    """Say whether segment k is its document's last on a walk ahead, or back."""
    b = segments[k, 2]
    return k == (segment_ends[b + 1] - 1 if ahead else segment_ends[b])
