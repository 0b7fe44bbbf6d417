"""Parts of a long document, each with the neighbours that its tokens see."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from .types import Ints

PART = 2048
"""Tokens of a part: some megabytes, of which the neighbours are a small share."""


class Part(NamedTuple):
    """The tokens first..last of a document, and low..high with their neighbours."""

    first: int
    last: int
    low: int
    high: int

    @property
    def own(self) -> slice:
        """Where first..last are among low..high."""
        return slice(self.first - self.low, self.last - self.low)

    @property
    def starts(self) -> Ints:
        """low..high as a batch of one document."""
        return np.array([0, self.high - self.low])


def parts_of(tokens: int, margin: int, size: int = PART) -> list[Part]:
    """Divide a document's tokens evenly, in parts of at most this size.

    A margin of w tokens on either side is enough for what attention over w tokens
    gives a token; 2 w also for what it receives, from neighbours that look as far.
    """
    count = max(1, -(-tokens // size))
    ends = [tokens * number // count for number in range(count + 1)]
    return [
        Part(first, last, max(0, first - margin), min(last + margin, tokens))
        for first, last in pairwise(ends)
    ]
