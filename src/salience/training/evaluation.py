"""Figures of merit."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import RangeError, ShapeError


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties sharing a mean rank.

    Raises ShapeError where there are fewer than two pairs or the lengths differ,
    RangeError where a list holds one number only.
    """
    first, second = _ranks(np.asarray(a)), _ranks(np.asarray(b))
    if len(first) != len(second) or len(first) < 2:
        raise ShapeError(
            f"spearman: expected two lists of one length of at least 2, "
            f"got {len(first)} and {len(second)}"
        )
    if first.std() == 0 or second.std() == 0:
        raise RangeError("spearman: expected numbers that differ, got a list of equal ones")
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]
