"""Bytes of a file of vectors, gzipped or not, read one after the other and counted."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ...errors import WeightsError
from ...files import write_whole

READ_AT_ONCE = 2**20
LONGEST_LINE = 2**24
"""Bytes of the longest line, or word, that is read."""


class Source:
    """An open file: its name for errors, and the bytes that were read of it."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        self.path, self._file = path, file
        self._buffer, self._at, self._before = b"", 0, 0

    @property
    def place(self) -> int:
        """How many bytes were read."""
        return self._before + self._at

    def bad(self, byte: int, expected: str, got: str) -> WeightsError:
        """Return the error of what is not as expected from this byte on."""
        return WeightsError(
            f"{self.path}, byte {byte}: expected {expected}, got {got}; it is damaged or of "
            "another format: restore it from a copy, or name the format"
        )

    def exactly(self, count: int, what: str) -> bytes:
        """Return so many bytes; WeightsError where the file ends before."""
        while len(self._buffer) - self._at < count and self._more():
            pass
        found = self._buffer[self._at : self._at + count]
        if len(found) < count:
            raise self.bad(self.place, what, f"the end of the file after {len(found)} bytes")
        self._at += count
        return found

    def until(self, end: bytes, what: str) -> bytes:
        """Return the bytes before the next `end`, which is passed over."""
        searched = self._at
        while (found := self._buffer.find(end, searched)) < 0:
            if len(self._buffer) - self._at > LONGEST_LINE:
                raise self.bad(self.place, what, f"more than {LONGEST_LINE} bytes without an end")
            kept = len(self._buffer) - self._at
            if not self._more():
                raise self.bad(self.place, what, "the end of the file")
            searched = self._at + kept
        word = self._buffer[self._at : found]
        self._at = found + len(end)
        return word

    def peek(self, count: int) -> bytes:
        """Return the next bytes without passing over them; fewer at the end."""
        while len(self._buffer) - self._at < count and self._more():
            pass
        return self._buffer[self._at : self._at + count]

    def lines(self) -> Iterator[bytes]:
        """Yield the lines with their ends."""
        while self.peek(1):
            searched = self._at
            while (found := self._buffer.find(b"\n", searched)) < 0:
                kept = len(self._buffer) - self._at
                if kept > LONGEST_LINE or not self._more():
                    break
                searched = self._at + kept
            last = len(self._buffer) if found < 0 else found + 1
            line = self._buffer[self._at : last]
            self._at = last
            yield line

    def _more(self) -> bool:
        content = self._file.read(READ_AT_ONCE)
        self._before += self._at
        self._buffer, self._at = self._buffer[self._at :] + content, 0
        return bool(content)


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """Open a file, unpacked where it is gzipped; WeightsError where it cannot be read."""
    try:
        with path.open("rb") as file:
            zipped = file.peek(2)[:2] == b"\x1f\x8b"
            yield Source(path, cast(BinaryIO, gzip.GzipFile(fileobj=file)) if zipped else file)
    except (OSError, EOFError, zlib.error) as error:
        raise WeightsError(
            f"{path}: expected a file of word vectors, could not read it ({error}); check the "
            "path, or restore it from a copy"
        ) from error


def write_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Have a file written, whole or not at all, and gzipped where its name ends with .gz."""

    def fill(file: BinaryIO) -> None:
        if path.suffix == ".gz":
            with gzip.GzipFile(
                filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0
            ) as packed:
                write(cast(BinaryIO, packed))
        else:
            write(file)

    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, fill)
