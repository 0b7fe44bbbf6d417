"""Where texts are read from: a file or standard input, its format, and whether it is gzipped."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO, cast

from salience.errors import RangeError
from salience.model.signatures import POINTER, kind_of

from .errors import FileError
from .formats import KNOWN, REFUSED, Format, suffix_of

_COUNTED = {Format.json: "item", Format.parquet: "row"}
"""What the number in an error counts, where it is not lines."""

_NOUNS = {Format.parquet: "a parquet file"}


@dataclass(frozen=True)
class Source:
    """A file of texts, or standard input where path is None."""

    path: Path | None
    format: Format
    zipped: bool = False

    @property
    def name(self) -> str:
        """The name for errors."""
        return "standard input" if self.path is None else str(self.path)

    def line(self, number: int) -> str:
        """Return the name of a line for errors; lines are counted from 1."""
        return f"{self.name}, line {number}"

    def bad(self, number: int, expected: str, got: str) -> FileError:
        """Return the error of a row that is not as expected, by its line or place from 1."""
        place = f"{self.name}, {_COUNTED.get(self.format, 'line')} {number}"
        return FileError(f"{place}: expected {expected}, got {got}; mend or remove it")

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Open it, unpacked; FileError where it is missing, damaged or not a file."""
        try:
            if self.path is None:
                yield _standard_input()
                return
            with self.path.open("rb") as file:
                self._refuse_pointer(file)
                with gzip.open(file) if self.zipped else nullcontext(file) as unpacked:
                    yield cast(BinaryIO, unpacked)
        except (OSError, EOFError, zlib.error) as error:
            noun = _NOUNS.get(self.format, "a UTF-8 text file")
            raise FileError(
                f"{self.name}: expected {noun} (or a gzipped one named .gz), could not read it: "
                f"{error}"
            ) from error

    def _refuse_pointer(self, file: BufferedReader) -> None:
        if file.peek(len(POINTER)).startswith(POINTER):
            raise FileError(f"{self.name}: expected texts, but {kind_of(POINTER)}")


def source_of(
    path: str | Path, format: str | None = None, plain: Format = Format.txt  # noqa: A002
) -> Source:  # fmt: skip
    """Return the source that a path names, in the format that the name says.

    Args:
        path: of a file, or - for standard input.
        format: a Format instead of what the name says.
        plain: the format of names that say none.

    Raises FileError, which says what to do, where the name's format is not read, and
    RangeError where `format` is unknown.
    """
    given = None if format is None else _format(format)
    if str(path) == "-":
        return Source(None, given or plain)
    suffix, zipped = suffix_of(Path(path).name)
    if given is None and suffix in REFUSED:
        readable = ", ".join(KNOWN)
        raise FileError(
            f"{path}: expected a file of texts ({readable} or other plain text, each also .gz), "
            f"got {suffix}; {REFUSED[suffix]}"
        )
    found = given or KNOWN.get(suffix, Format.txt)
    return Source(Path(path), plain if found is Format.txt else found, zipped)


def _format(name: str) -> Format:
    try:
        return Format(name)
    except ValueError as error:
        known = ", ".join(each.value for each in Format)
        raise RangeError(f"expected a format of {known}, got {name!r:.60}") from error


def _standard_input() -> BinaryIO:
    if sys.stdin is None:
        raise OSError("standard input is closed")
    return cast(BinaryIO, sys.stdin.buffer)
