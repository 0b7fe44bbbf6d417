"""The .floret files of floret, as `spacy init vectors --mode floret` takes them.

A first line "buckets D shortest longest hashes seed begin end", then a line for each row: its
number and D numbers.
"""

from typing import BinaryIO

import numpy as np

from ...errors import RangeError, SalienceError
from ...types import Floats
from ..word_vectors import NgramRows, WordVectors
from .gathered import Wanted
from .source import Source
from .text import bad_line, is_count, split, written_form


def is_floret(line: bytes) -> bool:
    """Say whether a line is the first one of such a file."""
    fields = line.split()
    return len(fields) == 8 and all(map(is_count, fields[:6]))


def read_floret(source: Source, wanted: Wanted) -> WordVectors:
    """Read the rows of all n-grams; WeightsError names the line that is not as expected."""
    lines = source.lines()
    first = next(lines, b"")
    if not is_floret(first):
        raise bad_line(
            source, 1, "'buckets dim minn maxn hashes seed begin end'", f"{first[:60]!r}"
        )
    if wanted.most is not None:
        raise RangeError("floret: expected all rows to be wanted, as they are no words'")
    buckets, width, shortest, longest, hashes, seed = map(int, first.split()[:6])
    rows, read = np.empty((0, width), dtype=np.float32), 0
    for read, line in enumerate(lines, 1):
        number, row = split(source, read + 1, line, width)
        if number != str(read - 1).encode() or read > buckets or not np.isfinite(row).all():
            expected = f"row {read - 1} of {buckets}, of finite numbers"
            raise bad_line(source, read + 1, expected, f"{line[:60]!r}")
        if read > len(rows):
            rows.resize((min(buckets, max(1, 2 * len(rows))), width), refcheck=False)
        rows[read - 1] = row
    if read != buckets:
        raise bad_line(source, 1, f"the number of rows that follow, got {buckets}", str(read))
    no_words: Floats = np.zeros((0, width), dtype=np.float32)
    try:
        begin, end = (field.decode() for field in first.split()[6:])
        ngrams = NgramRows(rows, shortest, longest, "floret", hashes, seed, begin, end)
        return WordVectors([], no_words, ngrams=ngrams)
    except (UnicodeDecodeError, SalienceError) as error:
        raise bad_line(source, 1, "settings of floret's", str(error)) from error


def write_floret(vectors: WordVectors, file: BinaryIO) -> None:
    """Write rows of n-grams; RangeError where they are not of floret's form."""
    found = vectors.ngrams
    if found is None or found.hashing != "floret" or len(vectors):
        raise RangeError(
            "floret: expected rows of n-grams of floret's form and no words, got others; write "
            "another format, such as word2vec"
        )
    numbers = len(found.rows), vectors.width, *found[1:3], *found[4:6]
    first = " ".join([*map(str, numbers), found.begin, found.end]).encode()
    if not is_floret(first):
        raise RangeError(
            f"floret: expected marks without spaces and not empty, got {found.begin!r:.40} and "
            f"{found.end!r:.40}; write a folder"
        )
    file.write(first + b"\n")
    form = written_form(vectors.width)
    for number, row in enumerate(found.rows):
        file.write(f"{number} {form(row)}\n".encode())
