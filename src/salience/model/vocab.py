"""Words to rows of the table: a word's own row, or the rows of its character n-grams."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal, TypeAlias

import numpy as np

from ..lazy import lazy
from ..types import Ints
from .forms import divided, is_blank, is_compound, is_sign, normal_form, split_at_signs

Reading: TypeAlias = Literal["verbatim", "normalised", "composed"]
"""How a model reads words: as they are written, or in one form for all their spellings.

"normalised" looks an unknown word up again by its normal form (see forms.py); then each
part of that form between signs has its row or those of its n-grams, and an unknown sign
is read character by character. "composed" does the same, and reads scripts that are written
without spaces character by character; the known words that these make are found in the text
around them (see compositions.py). "verbatim" is the way of older models.
"""

BLANK_ROW = 0
"""The row of invisible words: white space, control characters."""

LONGEST_WORD = 64
"""Characters of an unknown word that have n-grams, and parts of it that are looked up."""

FEWEST_ROWS = 3
"""A bag of fewer n-grams is filled up with the row of blanks to so many rows.

As a word is a mean of many n-grams, their rows are longer than words': the one of a single
character would be three times as long, and weigh as much more.
"""


@dataclass(frozen=True)
class Vocabulary:
    """The table's rows: one for blanks, one a known word, the rest for n-grams.

    words: known words; words[i] has row 1 + i.
    buckets: rows that n-grams hash to, after the words' rows.
    shortest, longest: n of the n-grams, in characters.
    reading: how words are looked up.
    spellings: characters that are read as another, such as those of traditional Chinese
        as those of simplified.
    """

    words: Sequence[str]
    buckets: int
    shortest: int = 3
    longest: int = 5
    reading: Reading = "verbatim"
    spellings: Mapping[str, str] = field(default_factory=dict)

    def __len__(self) -> int:
        """Return the number of rows."""
        return 1 + len(self.words) + self.buckets

    @lazy
    def _rows(self) -> dict[str, int]:
        return {word: row for row, word in enumerate(self.words, start=1)}

    @lazy
    def sign_rows(self) -> Ints:
        """The rows of the known signs, which have no letter and no digit."""
        rows = [row for row, word in enumerate(self.words, start=1) if is_sign(word)]
        return np.array(rows, dtype=np.int64)

    def row(self, word: str) -> int | None:
        """Return the row of a known word; None of another."""
        return self._rows.get(word)

    def bag(self, word: str) -> Ints:
        """Return the rows whose mean is the word's embedding; never an empty bag."""
        if self.is_read_whole(word) and word in self._rows:
            return np.array([self._rows[word]], dtype=np.int64)
        if self.reading == "verbatim":
            return self._ngrams_of(word, fewest=1)
        form = self.form(word)
        if self.is_read_whole(form) and form in self._rows:
            return np.array([self._rows[form]], dtype=np.int64)
        bags = [self._part(part) for part in islice(self._parts(form), LONGEST_WORD)]
        return np.concatenate(bags) if bags else np.array([BLANK_ROW], dtype=np.int64)

    def form(self, word: str) -> str:
        """Return the form in which a word is looked up that is not known as it is written."""
        form = normal_form(word)
        return form.translate(self._spellings) if self.spellings else form

    def is_read_whole(self, word: str) -> bool:
        """Say whether a known word has its own row wherever it stands: compounds are composed."""
        return self.reading != "composed" or not is_compound(word)

    @lazy
    def _spellings(self) -> dict[int, str]:
        return str.maketrans(dict(self.spellings))

    def ngram_rows(self, word: str) -> Ints:
        """Return the rows of the word's n-grams, known word or not.

        Source: Bojanowski et al., Enriching Word Vectors with Subword
        Information, 2017; hashed with CRC-32, the same on every machine.
        """
        first = 1 + len(self.words)
        grams = self._ngrams(word[:LONGEST_WORD])
        return np.array(
            [first + zlib.crc32(gram.encode("utf-8", "surrogatepass")) % self.buckets
             for gram in grams],
            dtype=np.int64,
        )  # fmt: skip

    def _parts(self, form: str) -> Iterable[str]:
        """What an unknown word is read as."""
        if is_sign(form):
            # Each character of a sign once: a ruler means no more than its first character.
            return dict.fromkeys("".join(form.split()))
        parts = split_at_signs(form)
        if self.reading == "composed":
            return [each for part in parts for each in divided(part)]
        return parts

    def _part(self, part: str) -> Ints:
        row = self._rows.get(part)
        if row is not None:
            return np.array([row], dtype=np.int64)
        return self._ngrams_of(part, fewest=FEWEST_ROWS)

    def _ngrams_of(self, word: str, fewest: int) -> Ints:
        if is_blank(word) or not self.buckets:
            return np.array([BLANK_ROW], dtype=np.int64)
        rows = self.ngram_rows(word)
        return np.append(rows, np.full(max(0, fewest - len(rows)), BLANK_ROW))

    def _ngrams(self, word: str) -> Iterator[str]:
        marked = f"<{word}>"
        if len(marked) < self.shortest:
            yield marked
        for n in range(self.shortest, min(self.longest, len(marked)) + 1):
            for i in range(len(marked) - n + 1):
                yield marked[i : i + n]
