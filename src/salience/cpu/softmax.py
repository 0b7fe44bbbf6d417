"""Softmax along one row, in place."""

import numpy as np

from ..types import Floats
from .jit import inline
from .maps import exp_minus, scale
from .reductions import furthest, highest, total
from .scalars import exp

PART = 4096
"""A longer row is summed in parts, and those in float64: a million float32
terms in one running sum would lose four digits."""


@inline
def softmax(row: Floats) -> bool:
    """row = exp(row - max row) / sum of the same; an empty row stays empty.

    Returns whether that worked: of numbers that are not finite, NaN came. Of many
    rows, begin with all and then finish all: neither half waits for the other then.
    """
    begin_softmax(row)
    return finish_softmax(row)


@inline
def begin_softmax(row: Floats) -> None:
    """row = exp(row - max row), or NaN where one is infinite."""
    # Of -inf alone exp would be as good as 0, and nobody would know.
    top = highest(row) if furthest(row) < np.inf else np.float32(np.nan)
    exp_minus(row, top)


@inline
def finish_softmax(row: Floats) -> bool:
    """Row /= sum of the row; returns whether that worked."""
    whole = np.float64(0)
    if len(row) <= PART:
        whole += total(row)
    else:
        for first in range(0, len(row), PART):
            whole += total(row[first : first + PART])
    share = np.float32(1 / whole)
    scale(row, share)
    return not np.isnan(share)


@inline
def softmax_wide(row: Floats, query: Floats, keys: Floats, column: int) -> None:
    """The same of logits that float32 cannot hold, or sum up, each computed again in float64.

    row comes with what is added to query' key_j; a key begins at this column of
    its row of keys.
    """
    top, whole = -np.inf, np.float64(0)
    for j in range(len(row)):
        top = max(top, _dot_wide(query, keys[j], column) + row[j])
    for j in range(len(row)):
        logit = _dot_wide(query, keys[j], column) + row[j]
        row[j] = 0.0 if logit == -np.inf else exp(np.float32(max(logit - top, -1e30)))
        whole += row[j]
    for j in range(len(row)):
        row[j] /= np.float32(whole)


@inline
def _dot_wide(query: Floats, key: Floats, column: int) -> float:
    product = np.float64(0)
    for r in range(len(query)):
        product += np.float64(query[r]) * np.float64(key[column + r])
    return product
