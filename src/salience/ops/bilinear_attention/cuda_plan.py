"""Which thread block works on which tokens of which document."""

from typing import Any, NamedTuple

import numpy as np

from ...cuda.plans import Plan
from ...types import Ints

SHORT = 96
"""Tokens that a token sees: of up to so many, small tiles compute fewer in vain."""

SMALL, LARGE = 4, 8
"""Rows of a tile that each thread has; a tile has eight times as many."""


class Tiles(NamedTuple):
    """The tiles of a batch, and how far its tokens see.

    small and large [tiles, 4] on the device: a document's first row, one past its
    last, the tile's first row, and the document. A document has tiles of one size.
    """

    small: Any
    large: Any
    back: int
    ahead: int


def plan_of(starts: Ints, window: int | None, causal: bool) -> Tiles:
    """Divide the documents into tiles (see `tiles`), and say how far a token sees."""
    reach = _reach(starts, window)
    small, large = tiles(starts, window)
    return Tiles(small, large, reach, 0 if causal else reach)


@Plan
def tiles(starts: Ints, window: int | None) -> tuple[Ints, Ints]:
    """The small and the large tiles, the longest documents first.

    So no thread block begins late with much to do. A document's tiles depend on it alone.
    """
    lengths = np.diff(starts)
    each = np.where(np.minimum(lengths, 2 * _reach(starts, window) + 1) <= SHORT, SMALL, LARGE)
    counts = -(-lengths // (8 * each))
    order = np.lexsort((-lengths, each))
    document = np.repeat(order, counts[order])
    ends = np.cumsum(counts[order])
    number = np.arange(len(document)) - np.repeat(ends - counts[order], counts[order])
    first = starts[document] + 8 * each[document] * number
    rows = np.stack([starts[document], starts[document + 1], first, document], axis=1)
    small = int(counts[each == SMALL].sum())
    return rows[:small], rows[small:]


def _reach(starts: Ints, window: int | None) -> int:
    longest = int(np.diff(starts).max(initial=0))
    return longest if window is None else min(window, longest)
