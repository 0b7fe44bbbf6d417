"""Words and rows of a file, gathered one after the other."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ... import checks
from ...errors import WeightsError
from ...types import Floats

BadWords: TypeAlias = Literal["refuse", "skip"]


class Wanted(NamedTuple):
    """What is read of a file: at most so many words, and what becomes of bad words.

    Bad words are empty, no valid UTF-8, or were there before; they are refused, or skipped
    and counted in a warning.
    """

    most: int | None = None
    bad_words: BadWords = "refuse"

    def check(self) -> None:
        """Raise RangeError where a field is not valid."""
        if self.most is not None:
            checks.at_least("read", "most", self.most, 1)
        checks.one_of("read", "bad_words", self.bad_words, ("refuse", "skip"))


@dataclass
class Gathered:
    """The words and rows read so far; rows may be left out, where they come later."""

    path: Path
    wanted: Wanted
    width: int
    words: dict[str, int] = field(default_factory=dict)
    skipped: int = 0

    def __post_init__(self) -> None:
        # Room is made as rows come, whatever numbers a damaged header has.
        self._rows = np.empty((0, self.width), dtype=np.float32)

    @property
    def is_full(self) -> bool:
        """Whether there are as many words as are wanted."""
        return self.wanted.most is not None and len(self.words) >= self.wanted.most

    def add(self, word: bytes, place: Callable[[], str], row: NDArray[Any] | None = None) -> bool:
        """Add a word, and its row; say whether it was added.

        place names it in errors. Raises WeightsError where it is bad, unless such are skipped.
        """
        if row is not None and not np.isfinite(row).all():
            raise WeightsError(
                f"{place()}: expected finite numbers, got NaN or infinity; restore the file from "
                "a copy"
            )
        text, fault = _text_of(word), None
        if text is None:
            fault = "valid UTF-8, got the bytes " + repr(word[:40])
        elif not text or "\n" in text:
            fault = f"at least one character on one line, got {text!r:.40}"
        elif text in self.words:
            fault = f"what was not there before, got {text!r:.40} again"
        if fault is not None or text is None:
            if self.wanted.bad_words == "refuse":
                raise WeightsError(
                    f"{place()}: expected a word of {fault}; mend the file, or skip such words "
                    "(bad_words='skip', --skip-bad-words)"
                )
            self.skipped += 1
            return False
        if row is not None:
            if len(self.words) == len(self._rows):
                self._rows.resize((max(1, 2 * len(self._rows)), self.width), refcheck=False)
            self._rows[len(self.words)] = row
        self.words[text] = len(self.words)
        return True

    def tell(self) -> None:
        """Warn of words that were left out."""
        if self.skipped:
            warnings.warn(
                f"{self.path}: left out {self.skipped} words that are no valid UTF-8, empty, or "
                "there twice", stacklevel=2,
            )  # fmt: skip

    def rows(self) -> Floats:
        """Return the rows [V, D]."""
        self._rows.resize((len(self.words), self.width), refcheck=False)
        return self._rows


def _text_of(word: bytes) -> str | None:
    try:
        return word.decode()
    except UnicodeDecodeError:
        return None
