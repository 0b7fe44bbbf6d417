"""Sums and softmax along one row, vectorised in a fixed order.

A plain float32 sum does not vectorise, and letting LLVM reorder it would make
the bits depend on the machine's vector width. So a row is summed in LANES
running sums, which are then added in order. `lanes` is scratch [LANES].
"""

import numpy as np

from ..jit import inline
from ..types import Floats
from .scalars import exp

LANES = 16

PART = 4096
"""A longer row is summed in parts, and those in float64: a million float32
terms in one running sum would lose four digits."""

_LOWEST = np.float32(-np.inf)
_ZERO = np.float32(0)


@inline
def dot(a: Floats, b: Floats, lanes: Floats) -> np.float32:
    """Sum of a * b."""
    for lane in range(LANES):
        lanes[lane] = _ZERO
    whole = len(a) // LANES * LANES
    for j in range(0, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += a[j + lane] * b[j + lane]
    for j in range(whole, len(a)):
        lanes[j - whole] += a[j] * b[j]
    return _sum(lanes)


@inline
def softmax(row: Floats, lanes: Floats) -> None:
    """row = exp(row - max row) / sum of the same, in place; an empty row stays empty."""
    highest = _maximum(row, lanes)
    for j in range(len(row)):
        row[j] = exp(row[j] - highest)
    total = np.float64(0)
    for first in range(0, len(row), PART):
        total += _part_sum(row[first : first + PART], lanes)
    share = np.float32(1 / total)
    for j in range(len(row)):
        row[j] *= share


@inline
def _part_sum(part: Floats, lanes: Floats) -> np.float32:
    for lane in range(LANES):
        lanes[lane] = _ZERO
    whole = len(part) // LANES * LANES
    for j in range(0, whole, LANES):
        for lane in range(LANES):
            lanes[lane] += part[j + lane]
    for j in range(whole, len(part)):
        lanes[j - whole] += part[j]
    return _sum(lanes)


@inline
def _maximum(row: Floats, lanes: Floats) -> np.float32:
    for lane in range(LANES):
        lanes[lane] = _LOWEST
    whole = len(row) // LANES * LANES
    for j in range(0, whole, LANES):
        for lane in range(LANES):
            lanes[lane] = max(lanes[lane], row[j + lane])
    for j in range(whole, len(row)):
        lanes[j - whole] = max(lanes[j - whole], row[j])
    highest = _LOWEST
    for lane in range(LANES):
        highest = max(highest, lanes[lane])
    return highest


@inline
def _sum(lanes: Floats) -> np.float32:
    total = _ZERO
    for lane in range(LANES):
        total += lanes[lane]
    return total
