"""What an encoder says of one Doc."""

from typing import Any, NamedTuple

import numpy as np

from salience.types import Floats

STEP = 4096
"""Rows that are in float64 at once."""


class DocOutput(NamedTuple):
    """The encoder's output for one Doc of T tokens.

    vectors [T, D], salience [T] and received attention [T] (both sum to 1),
    and the document vector [D]; and the tokens' checksum (see stamps.py), where it is known.
    """

    vectors: Any
    salience: Any
    received: Any
    document: Any
    tokens: str | None = None


def weighted_sum(weights: Floats, vectors: Floats) -> Floats:
    """Return sum_t w_t v_t [D], with the same bits on every processor.

    BLAS sums in an order of the processor's.
    """
    total = np.zeros(vectors.shape[1])
    for first in range(0, len(vectors), STEP):
        rows = slice(first, first + STEP)
        total += np.multiply(weights[rows, None], vectors[rows], dtype=np.float64).sum(axis=0)
    return total.astype(np.float32)
