"""Words and their vectors, with rows of character n-grams for words that are not known."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import numpy as np

from .. import checks
from ..errors import RangeError, SalienceError
from ..lazy import lazy
from ..ops import embedding_bags
from ..types import Floats, Ints, Ragged
from . import folder as folders
from .hashing import (
    BEGIN,
    END,
    bags_of,
    fasttext_hashes,
    fasttext_ngrams,
    floret_hashes,
    floret_ngrams,
)

WHERE = "WordVectors"
Hashing: TypeAlias = Literal["fasttext", "floret"]
WORDS_AT_ONCE = 8192
"""Words whose n-grams are looked up together."""


class NgramRows(NamedTuple):
    """Rows [B, D] that hashed character n-grams have.

    shortest, longest: n of the n-grams, in characters. hashing: whose they are. hashes: how
    many rows each n-gram has, all of which are in the mean; seed, begin and end: floret's
    own, of the hash and the marks around a word.
    """

    rows: Floats
    shortest: int
    longest: int
    hashing: Hashing = "fasttext"
    hashes: int = 1
    seed: int = 0
    begin: str = BEGIN
    end: str = END

    def bags(self, words: Sequence[str]) -> Ragged:
        """Return the rows of each word's n-grams; a word may have none."""
        if self.hashing == "fasttext":
            return bags_of(
                words, lambda word: fasttext_ngrams(word, self.shortest, self.longest),
                fasttext_hashes, len(self.rows),
            )  # fmt: skip
        return bags_of(
            words,
            lambda word: floret_ngrams(
                word, self.shortest, self.longest, self.begin, self.end
            ),
            lambda grams: floret_hashes(grams, self.hashes, self.seed), len(self.rows),
        )  # fmt: skip

    def check(self) -> None:
        """Raise ShapeError, DtypeError or RangeError where a field is not valid."""
        checks.finite(
            WHERE, "ngrams.rows", checks.floats(WHERE, "ngrams.rows", self.rows, ("B", "D"))
        )
        checks.at_least(WHERE, "the number of n-gram rows", len(self.rows), 1)
        checks.one_of(WHERE, "hashing", self.hashing, get_args(Hashing))
        # floret's whole word counts where there are no n-grams: then both may be 0.
        checks.at_least(WHERE, "shortest", self.shortest, int(self.hashing == "fasttext"))
        checks.at_least(WHERE, "longest", self.longest, self.shortest)
        checks.between(WHERE, "hashes", checks.at_least(WHERE, "hashes", self.hashes, 1), 1, 4)
        checks.between(WHERE, "seed", checks.at_least(WHERE, "seed", self.seed, 0), 0, 2**32 - 1)


@dataclass(frozen=True, eq=False)
class WordVectors:
    """V words and their rows, and rows of n-grams.

    x_w = rows[w]; in fastText's form the mean of rows[w] and the rows of the word's n-grams;
    in floret's, which has no words, the mean of the rows of its n-grams

    words: the most frequent first, none twice. rows [V, D]. counts [V]: how often each
    occurs, where that is known. ngrams: where there are any. row_of [V]: the row of each
    word, where words share rows [R, D], as after pruning.

    Raises ShapeError, DtypeError or RangeError where these do not fit each other.
    """

    words: Sequence[str]
    rows: Floats
    counts: Ints | None = None
    ngrams: NgramRows | None = None
    row_of: Ints | None = None

    def __post_init__(self) -> None:
        rows = "R" if self.row_of is not None else len(self.words)
        own = checks.floats(WHERE, "rows", self.rows, (rows, "D"))
        checks.finite(WHERE, "rows", own)
        checks.at_least(WHERE, "the width", own.shape[1], 1)
        object.__setattr__(self, "rows", own)
        _check_words(self.words)
        if self.counts is not None:
            counts = checks.ints(WHERE, "counts", self.counts, (len(self.words),))
            checks.at_least(WHERE, "the least of counts", int(counts.min(initial=0)), 0)
            object.__setattr__(self, "counts", counts)
        if self.row_of is not None:
            checks.ints(WHERE, "row_of", self.row_of, (len(self.words),))
            row_of = checks.indices(WHERE, "row_of", self.row_of, len(own))
            object.__setattr__(self, "row_of", row_of)
        if self.ngrams is not None:
            self.ngrams.check()
            checks.has_shape(WHERE, "ngrams.rows", self.ngrams.rows.shape, ("B", own.shape[1]))
            contiguous = checks.floats(WHERE, "ngrams.rows", self.ngrams.rows, ("B", "D"))
            object.__setattr__(self, "ngrams", self.ngrams._replace(rows=contiguous))
        if len({len(self._places), len(self.words)}) > 1:
            raise RangeError(f"{WHERE}: expected words that differ, got {_twice(self.words)} twice")

    @property
    def width(self) -> int:
        """D."""
        return int(self.rows.shape[1])

    def __len__(self) -> int:
        """Return V, the number of words; floret's form has none."""
        return len(self.words)

    def __contains__(self, word: object) -> bool:
        """Say whether a word has a vector: it is known, or has n-grams."""
        if word in self._places:
            return True
        if self.ngrams is None or not isinstance(word, str):
            return False
        return len(self.ngrams.bags([word]).data) > 0

    def index(self, word: str) -> int | None:
        """Return the number of a known word; None of another."""
        return self._places.get(word)

    def vectors(self, words: Sequence[str]) -> Floats:
        """Return the vectors of words [N, D].

        As in spaCy, a word that is not known and has no n-grams is zeros; `word in vectors`
        says whether it has a vector.
        """
        found = np.empty((len(words), self.width), dtype=np.float32)
        for first in range(0, len(words), WORDS_AT_ONCE):
            batch = words[first : first + WORDS_AT_ONCE]
            found[first : first + len(batch)] = self._vectors(batch)
        return found

    @lazy
    def all_vectors(self) -> Floats:
        """The vectors of all known words [V, D]."""
        if self.ngrams is not None:
            return self.vectors(self.words)
        return self.rows if self.row_of is None else self.rows[self.row_of]

    def to_disk(self, folder: str | Path, *, precision: Literal["float32", "int8"] = "float32") \
            -> None:  # fmt: skip
        """Write a folder, whole or not at all; see salience.vectors.folder."""
        folders.write(self.contents(), Path(folder), precision)

    def contents(self) -> folders.Contents:
        """Return what a folder holds of it."""
        rows, settings = {"rows": self.rows}, dict[str, Any]()
        if self.ngrams is not None:
            rows["ngrams"] = self.ngrams.rows
            settings["ngrams"] = self.ngrams._asdict()
            del settings["ngrams"]["rows"]
        given = {"counts": self.counts, "row_of": self.row_of}
        numbers = {name: array for name, array in given.items() if array is not None}
        return folders.Contents(self.words, rows, numbers, settings)

    @classmethod
    def from_disk(cls, folder: str | Path) -> "WordVectors":
        """Read a folder; WeightsError names the file that is missing or damaged."""
        words, rows, numbers, settings = folders.read(Path(folder))
        try:
            stated = settings.get("ngrams")
            ngrams = NgramRows(rows["ngrams"], **stated) if stated else None
            return cls(words, rows["rows"], numbers.get("counts"), ngrams, numbers.get("row_of"))
        except (KeyError, TypeError, SalienceError) as error:
            raise folders.damaged(Path(folder), error) from error

    @lazy
    def _places(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    def _vectors(self, words: Sequence[str]) -> Floats:
        places = np.array([self._places.get(word, -1) for word in words], dtype=np.int64)
        known = places >= 0
        rows = places[known] if self.row_of is None else self.row_of[places[known]]
        found = np.zeros((len(words), self.width), dtype=np.float32)
        found[known] = self.rows[rows]
        if self.ngrams is None:
            return found
        bags = self.ngrams.bags(words)
        sizes = np.diff(bags.starts)
        found += embedding_bags(self.ngrams.rows, *bags) * sizes[:, None].astype(np.float32)
        found /= np.maximum(sizes + known, 1)[:, None].astype(np.float32)
        return found


def _check_words(words: Sequence[str]) -> None:
    """Refuse a word that no line of UTF-8 can be."""
    for number, word in enumerate(words):
        if not word or "\n" in word or not _is_unicode(word):
            raise RangeError(
                f"{WHERE}: expected words that are not empty, on one line and of valid Unicode, "
                f"got words[{number}] = {word!r:.60}; leave it out"
            )


def _is_unicode(word: str) -> bool:
    return word.isascii() or not any("\ud800" <= character <= "\udfff" for character in word)


def _twice(words: Sequence[str]) -> str:
    seen: set[str] = set()
    return next(f"{word!r:.60}" for word in words if word in seen or seen.add(word))  # type: ignore[func-returns-value]
