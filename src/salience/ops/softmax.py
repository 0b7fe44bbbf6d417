"""Softmax along one row, in place."""

import numpy as np

from ..jit import inline
from ..types import Floats
from .reductions import highest, total
from .scalars import exp
from .simd import LANES

PART = 4096
"""A longer row is summed in parts, and those in float64: a million float32
terms in one running sum would lose four digits."""


@inline
def softmax(row: Floats, lanes: Floats) -> None:
    """row = exp(row - max row) / sum of the same; an empty row stays empty. lanes is [LANES]."""
    _exp_below(row, highest(row), lanes)
    whole = np.float64(0)
    for first in range(0, len(row), PART):
        whole += total(row[first : first + PART])
    share = np.float32(1 / whole)
    for j in range(len(row)):
        row[j] *= share


@inline
def _exp_below(row: Floats, top: np.float32, lanes: Floats) -> None:
    """row = exp(row - top), LANES at a time, the rest too: none of them alone."""
    whole = len(row) // LANES * LANES
    for j in range(0, whole, LANES):
        for lane in range(LANES):
            row[j + lane] = exp(row[j + lane] - top)
    for j in range(whole, len(row)):
        lanes[j - whole] = row[j]
    for lane in range(LANES):
        lanes[lane] = exp(lanes[lane] - top)
    for j in range(whole, len(row)):
        row[j] = lanes[j - whole]
