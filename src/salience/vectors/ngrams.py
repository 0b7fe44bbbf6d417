"""The rows that each word moves while it learns: its own, and those of its n-grams."""

from collections.abc import Sequence

import numpy as np

from ..types import Ints, starts_of
from .kernels import Members
from .word_vectors import WORDS_AT_ONCE, NgramRows

FLORET_SEED = 2166136261
"""The seed of the hashes that floret's own program makes."""


def members_of(words: Sequence[str], ngrams: NgramRows) -> Members:
    """Return the rows of each word: floret's n-grams, or fastText's: its own and V + n-grams'."""
    sizes: list[Ints] = []
    found: list[Ints] = []
    for first in range(0, len(words), WORDS_AT_ONCE):
        some = words[first : first + WORDS_AT_ONCE]
        rows, starts = ngrams.bags(some)
        if ngrams.hashing == "fasttext":
            own = np.arange(first, first + len(some))
            rows, starts = (
                np.insert(rows + len(words), starts[:-1], own),
                starts + np.arange(len(starts)),
            )
        found.append(rows)
        sizes.append(np.diff(starts))
    numbers = np.concatenate([*found, np.empty(0, np.int64)]).astype(np.int32)
    return Members(numbers, starts_of(np.concatenate([*sizes, np.empty(0, np.int64)]).tolist()))


def alone(count: int) -> Members:
    """Return words that are one row each."""
    return Members(np.arange(count, dtype=np.int32), np.arange(count + 1, dtype=np.int64))
