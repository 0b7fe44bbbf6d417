"""Text files, a word and its numbers a line: word2vec's with a first line V D, GloVe's without.

Numbers are taken from the end of a line, so that a word may have spaces and tabs in it.
"""

import warnings
from collections.abc import Callable, Iterator
from itertools import chain, islice
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from ...errors import RangeError, WeightsError
from ..word_vectors import WordVectors
from .gathered import Gathered, Wanted
from .source import Source

LINES_LOOKED_AT = 100
"""Lines by which the width of a file without a header is known."""


def has_header(line: bytes) -> bool:
    """Say whether a line is two whole numbers, as the first one of word2vec's text is."""
    fields = line.split()
    return len(fields) == 2 and all(map(is_count, fields))


def is_count(field: bytes) -> bool:
    """Say whether this is a whole number that fits 64 bits."""
    return field.isdigit() and len(field) < 19


def read_word2vec(source: Source, wanted: Wanted) -> WordVectors:
    """Read a first line V D, then V lines; WeightsError names the line that is not so."""
    lines = source.lines()
    words, width = header(source, next(lines, b""))
    found = _read(source, lines, width, wanted, 2)
    read = len(found.words) + found.skipped
    if not found.is_full and read != words:
        raise _wrong_count(source, words, read)
    extra = next(lines, b"") if read == words else b""
    if extra.strip():
        raise _wrong_count(source, words, f"more: line {words + 2} is one of them")
    return WordVectors(list(found.words), found.rows())


def header(source: Source, line: bytes) -> tuple[int, int]:
    """Return V and D of a first line of word2vec's; WeightsError where it is none."""
    if not has_header(line) or int(line.split()[1]) < 1:
        raise bad_line(source, 1, "the numbers of words and of dimensions", repr(line[:60]))
    words, width = map(int, line.split())
    return words, width


def read_glove(source: Source, wanted: Wanted) -> WordVectors:
    """Read lines of a word and its numbers; WeightsError names the line that is not so."""
    lines = source.lines()
    first = list(islice(lines, LINES_LOOKED_AT))
    if not first:
        raise bad_line(source, 1, "a word and its numbers", "the end of the file")
    # A word may have spaces in it, but rarely all of the first words have.
    width = min(len(line.rstrip(b" \r\n").split(b" ")) for line in first) - 1
    if width < 1:
        raise bad_line(source, 1, "a word and its numbers in every line", "a line of one word")
    found = _read(source, chain(first, lines), width, wanted, 1)
    return WordVectors(list(found.words), found.rows())


def _read(
    source: Source, lines: Iterator[bytes], width: int, wanted: Wanted, first: int
) -> Gathered:
    found = Gathered(source.path, wanted, width)
    for number, line in enumerate(lines, first):
        if not line.strip(b" \r\n") and b" " not in line.rstrip(b"\r\n"):
            raise bad_line(source, number, "a word and its numbers", "an empty line")
        word, row = split(source, number, line, width)
        found.add(word, lambda number=number: place(source, number), row)  # type: ignore[misc]
        if found.is_full:
            break
    found.tell()
    return found


def split(
    source: Source, number: int, line: bytes, width: int
) -> tuple[bytes, NDArray[np.float32]]:
    """Return a line's word and its numbers [D]; WeightsError where there are others than D."""
    fields = line.rstrip(b" \r\n").rsplit(b" ", width)
    wanted = f"a word and {width} numbers"
    if len(fields) != width + 1:
        raise bad_line(source, number, wanted, f"{len(fields)} fields")
    row = numbers_of(b" ".join(fields[1:]), width)
    if row is None:
        wrong = next((each for each in fields[1:] if numbers_of(each, 1) is None), b"")
        raise bad_line(source, number, wanted, f"{wrong[:40]!r} in place of a number")
    return fields[0], row


def numbers_of(text: bytes, count: int) -> NDArray[np.float32] | None:
    """Return the numbers of a text with spaces between them; None where they are others."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # of what is no number
            found = np.fromstring(text.decode("ascii"), dtype=np.float32, sep=" ")
    except (DeprecationWarning, ValueError):
        return None
    return found if len(found) == count else None


def place(source: Source, number: int) -> str:
    """Return the name of a line for errors, counted from 1."""
    return f"{source.path}, line {number}"


def bad_line(source: Source, number: int, expected: str, got: str) -> WeightsError:
    """Return the error of a line that is not as expected."""
    return WeightsError(
        f"{place(source, number)}: expected {expected}, got {got}; mend the line, restore the "
        "file from a copy, or name its format"
    )


def _wrong_count(source: Source, words: int, got: object) -> WeightsError:
    return bad_line(source, 1, f"the number of words that follow, got {words} there", str(got))


def write_word2vec(vectors: WordVectors, file: BinaryIO) -> None:
    """Write the vectors of the known words, as word2vec's text."""
    file.write(f"{len(vectors)} {vectors.width}\n".encode())
    _write(vectors, file)


def write_glove(vectors: WordVectors, file: BinaryIO) -> None:
    """Write the vectors of the known words, as GloVe's text.

    Raises RangeError where all of the first words have spaces in them, as such a file could
    not be read again.
    """
    if vectors.words and all(" " in word for word in vectors.words[:LINES_LOOKED_AT]):
        raise RangeError(
            "glove: expected words without spaces among the first, got none; write them as "
            "word2vec's text, which states its width"
        )
    _write(vectors, file)


def _write(vectors: WordVectors, file: BinaryIO) -> None:
    form = written_form(vectors.width)
    for word, row in zip(vectors.words, vectors.all_vectors, strict=True):
        file.write(f"{word} {form(row)}\n".encode())


def written_form(width: int) -> Callable[[NDArray[np.float32]], str]:
    """Return a function that writes so many numbers, with which float32 is read again exactly."""
    form = " ".join(["%.9g"] * width)
    return lambda row: form % tuple(row.tolist())
