"""Words to rows of the table: a word's own row, or the rows of its character n-grams."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .forms import is_blank
from .lazy import lazy
from .types import Ints

BLANK = 0
"""The row of words that nothing can be seen of: white space, control characters."""

LONGEST = 64
"""Characters of an unknown word that its n-grams are taken from."""


@dataclass(frozen=True)
class Vocabulary:
    """The table's rows: one for blanks, one a known word, the rest for n-grams.

    words: known words; words[i] has row 1 + i.
    buckets: rows that n-grams hash to, after the words' rows.
    shortest, longest: n of the n-grams, in characters.
    """

    words: Sequence[str]
    buckets: int
    shortest: int = 3
    longest: int = 5

    def __len__(self) -> int:
        """Return the number of rows."""
        return 1 + len(self.words) + self.buckets

    @lazy
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words, start=1)}

    def bag(self, word: str) -> Ints:
        """Return the rows whose mean is the word's embedding; never an empty bag."""
        row = self._rows.get(word)
        if row is not None:
            return np.array([row], dtype=np.int64)
        if is_blank(word) or not self.buckets:
            return np.array([BLANK], dtype=np.int64)
        return self.ngram_rows(word)

    def ngram_rows(self, word: str) -> Ints:
        """Return the rows of the word's n-grams, known word or not.

        Source: Bojanowski et al., Enriching Word Vectors with Subword
        Information, 2017; hashed with CRC-32, the same on every machine.
        """
        first = 1 + len(self.words)
        grams = self._ngrams(word[:LONGEST])
        return np.array(
            [first + zlib.crc32(gram.encode("utf-8", "surrogatepass")) % self.buckets
             for gram in grams],
            dtype=np.int64,
        )  # fmt: skip

    def _ngrams(self, word: str) -> Iterator[str]:
        marked = f"<{word}>"
        if len(marked) < self.shortest:
            yield marked
        for n in range(self.shortest, min(self.longest, len(marked)) + 1):
            for i in range(len(marked) - n + 1):
                yield marked[i : i + n]
