"""The binary form of word2vec: a line V D, then each word, a space and its float32 numbers."""

from typing import BinaryIO

import numpy as np

from ...errors import RangeError
from ..word_vectors import WordVectors
from .gathered import Gathered, Wanted
from .source import Source
from .text import header


def read_binary(source: Source, wanted: Wanted) -> WordVectors:
    """Read the file; WeightsError names the byte where something else comes."""
    words, width = header(source, source.until(b"\n", "a first line of two numbers"))
    found = Gathered(source.path, wanted, width)
    for number in range(words):
        begin = source.place
        what = f"word {number + 1} of {words}"
        word = source.until(b" ", what).lstrip(b"\n")  # the first tool ends rows with a line end
        row = np.frombuffer(source.exactly(4 * width, f"the numbers of {what}"), dtype="<f4")
        found.add(word, lambda begin=begin: f"{source.path}, byte {begin}", row)  # type: ignore[misc]
        if found.is_full:
            break
    if not found.is_full and source.peek(2**16).strip(b"\n"):
        raise source.bad(source.place, f"the end after {words} words", "more bytes")
    found.tell()
    return WordVectors(list(found.words), found.rows())


def write_binary(vectors: WordVectors, file: BinaryIO) -> None:
    """Write the vectors of the known words.

    Raises RangeError where a word has a space, at which it would end.
    """
    spaced = next((word for word in vectors.words if " " in word), None)
    if spaced is not None:
        raise RangeError(
            f"word2vec-binary: expected words without spaces, which end them there, got "
            f"{spaced!r:.60}; write word2vec's text"
        )
    file.write(f"{len(vectors)} {vectors.width}\n".encode())
    for word, row in zip(vectors.words, vectors.all_vectors, strict=True):
        file.write(word.encode() + b" " + row.astype("<f4").tobytes() + b"\n")
