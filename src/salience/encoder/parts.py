"""Chunks of documents, and parts of a long one with the neighbours that their tokens attend to."""

from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from ..types import Ints, starts_of

CHUNK = 1024
"""Tokens that run through the encoder together: few enough to stay in cache."""

PART = 2048
"""Tokens of a part: some megabytes, of which the neighbours are a small share."""


def chunks_of(starts: Ints, tokens: int = CHUNK) -> Iterator[tuple[int, int]]:
    """Yield chunks [first, last) of at most so many tokens; a longer document is one alone.

    Without documents there is one empty chunk, so that results have their shapes.
    """
    first, documents = 0, len(starts) - 1
    if not documents:
        yield 0, 0
    while first < documents:
        last = int(np.searchsorted(starts, starts[first] + tokens, side="right")) - 1
        last = min(max(last, first + 1), documents)
        yield first, last
        first = last


class Part(NamedTuple):
    """The tokens first..last of a document, and low..high with their neighbours."""

    first: int
    last: int
    low: int
    high: int

    @property
    def own(self) -> slice:
        """The place of first..last within low..high."""
        return slice(self.first - self.low, self.last - self.low)

    @property
    def starts(self) -> Ints:
        """The starts of a batch of one document, low..high."""
        return starts_of([self.high - self.low])


def parts_of(tokens: int, margin: int, size: int = PART) -> list[Part]:
    """Divide a document's tokens evenly, in parts of at most this size.

    With attention over w tokens to either side, a margin of w suffices for a token's
    context, and 2 w for the attention that it receives too.
    """
    count = max(1, -(-tokens // size))
    ends = [tokens * number // count for number in range(count + 1)]
    return [
        Part(first, last, max(0, first - margin), min(last + margin, tokens))
        for first, last in pairwise(ends)
    ]
