"""Softmax along one row, in place."""

import numpy as np

from ..jit import inline
from ..types import Floats
from .reductions import highest, total
from .scalars import exp

PART = 4096
"""A longer row is summed in parts, and those in float64: a million float32
terms in one running sum would lose four digits."""


@inline
def softmax(row: Floats) -> bool:
    """row = exp(row - max row) / sum of the same; an empty row stays empty.

    Returns whether that worked: of numbers that are not finite, NaN came.
    """
    top = highest(row)
    for j in range(len(row)):
        row[j] = exp(row[j] - top)
    whole = np.float64(0)
    if len(row) <= PART:
        whole += total(row)
    else:
        for first in range(0, len(row), PART):
            whole += total(row[first : first + PART])
    share = np.float32(1 / whole)
    for j in range(len(row)):
        row[j] *= share
    return not np.isnan(share)


@inline
def dot_wide(a: Floats, b: Floats, column: int) -> float:
    """Sum of a times the like numbers of b from a column on, in float64: for logits beyond 3e38."""
    total_ = np.float64(0)
    for j in range(len(a)):
        total_ += np.float64(a[j]) * np.float64(b[column + j])
    return total_


@inline
def share_wide(logit: float, top: float) -> np.float32:
    """exp(logit - top), where the difference is finite but perhaps not in float32."""
    return exp(np.float32(max(logit - top, -1e30)))
