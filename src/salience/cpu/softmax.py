"""Softmax along one row, in place."""

import numpy as np

from ..types import Floats
from .jit import inline
from .maps import exp_minus, scale
from .reductions import furthest, highest, total
from .scalars import exp

MOST_TERMS = 4096
"""Numbers that are summed in float32; the sums of a longer row are added up in float64. A
million float32 terms in one running sum would lose four digits."""


@inline
def softmax(row: Floats) -> bool:
    """Replace a row x by its softmax; an empty row stays empty.

    x_i = exp(x_i - max x) / sum_j exp(x_j - max x)

    Returns whether the result is finite: where x is not, it is NaN. For many rows,
    call begin_softmax on all and then finish_softmax on all: the processor then
    works on several rows at once, instead of waiting for each one's maximum and sum.
    """
    begin_softmax(row)
    return finish_softmax(row)


@inline
def begin_softmax(row: Floats) -> None:
    """Replace x by exp(x - max x), or by NaN where a number is infinite."""
    # exp(-inf - max x) would be nearly 0, and nobody would notice the -inf.
    top = highest(row) if furthest(row) < np.inf else np.float32(np.nan)
    exp_minus(row, top)


@inline
def finish_softmax(row: Floats) -> bool:
    """Divide the row by its sum, and return whether the result is finite."""
    whole = np.float64(0)
    if len(row) <= MOST_TERMS:
        whole += total(row)
    else:
        for first in range(0, len(row), MOST_TERMS):
            whole += total(row[first : first + MOST_TERMS])
    share = np.float32(1 / whole)
    scale(row, share)
    return not np.isnan(share)


@inline
def softmax_wide(row: Floats, query: Floats, keys: Floats, column: int) -> None:
    """Fill row with the softmax of logits that overflow float32, computed in float64.

    logit_j = query' key_j + row_j

    row comes with what is added to each product. key_j begins at `column` of keys[j].
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
