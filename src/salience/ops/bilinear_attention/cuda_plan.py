"""Which block of the GPU does which tokens of which document."""

from typing import Any, NamedTuple

import numpy as np

from ...cuda import arrays
from ...types import Ints

SHORT = 96
"""Where a token sees no more than so many, small tiles waste less."""

SMALL, LARGE = 4, 8
"""Rows of a tile that a thread has; a tile has eight times as many."""


class Plan(NamedTuple):
    """The tiles of a batch, and how far its tokens see.

    small and large [tiles, 4] on the device: a document's first row, one past its
    last, the tile's first row, and the document. A document has tiles of one size.
    """

    small: Any
    large: Any
    back: int
    ahead: int


def plan_of(starts: Ints, window: int | None, causal: bool) -> Plan:
    """Divide the documents, the longest first, so that no block begins late with much to do.

    A document's tiles depend on nothing beside it.
    """
    lengths = np.diff(starts)
    longest = int(lengths.max(initial=0))
    reach = longest if window is None else min(window, longest)
    each = np.where(np.minimum(lengths, 2 * reach + 1) <= SHORT, SMALL, LARGE)
    counts = -(-lengths // (8 * each))
    order = np.lexsort((-lengths, each))
    document = np.repeat(order, counts[order])
    ends = np.cumsum(counts[order])
    number = np.arange(len(document)) - np.repeat(ends - counts[order], counts[order])
    first = starts[document] + 8 * each[document] * number
    rows = np.stack([starts[document], starts[document + 1], first, document], axis=1)
    there, small = arrays.to_device(rows.astype(np.int64)), int(counts[each == SMALL].sum())
    return Plan(there[:small], there[small:], reach, 0 if causal else reach)
