"""Sums over tokens, with the same bits on every processor."""

import numpy as np

from ..types import Floats

STEP = 4096
"""Rows that are in float64 at once."""


def weighted_sum(weights: Floats, vectors: Floats) -> Floats:
    """Return sum_t w_t v_t [D]; not by BLAS, whose order of sums depends on the processor."""
    total = np.zeros(vectors.shape[1])
    for first in range(0, len(vectors), STEP):
        rows = slice(first, first + STEP)
        total += np.multiply(weights[rows, None], vectors[rows], dtype=np.float64).sum(axis=0)
    return total.astype(np.float32)
