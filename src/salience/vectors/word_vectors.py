"""Word vectors as they are kept in memory."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

from ..types import Floats, Ints

Hashing: TypeAlias = Literal["fasttext", "floret"]


class NgramRows(NamedTuple):
    """Rows [B, D] of hashed character n-grams of `shortest` to `longest` characters.

    hashes: floret's, how many rows an n-gram is the sum of.
    """

    rows: Floats
    shortest: int
    longest: int
    hashing: Hashing
    hashes: int = 1


@dataclass(frozen=True)
class WordVectors:
    """V words with rows [V, D] and counts [V], and rows of n-grams where there are any.

    With fastText's n-grams a word's vector is the mean of its own row and its n-grams' rows;
    in floret's form there are no words of their own.
    """

    words: Sequence[str]
    rows: Floats
    counts: Ints | None
    ngrams: NgramRows | None
