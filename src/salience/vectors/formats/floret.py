"""The .floret files of floret, as `spacy init vectors --mode floret` takes them.

A first line "buckets D shortest longest hashes seed begin end", then a line for each row: its
number and D numbers.
"""

from typing import BinaryIO

import numpy as np

from ...errors import RangeError
from ...types import Floats
from ..word_vectors import NgramRows, WordVectors
from .gathered import FEWEST, Wanted
from .source import Source
from .text import bad_line, split, written_form


def is_floret(line: bytes) -> bool:
    """Say whether a line is the first one of such a file."""
    fields = line.split()
    return len(fields) == 8 and all(field.isdigit() for field in fields[:6])


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
    begin, end = (field.decode() for field in first.split()[6:])
    rows, read = np.empty((min(buckets, FEWEST), width), dtype=np.float32), 0
    for read, line in enumerate(lines, 1):
        number, row = split(source, read + 1, line, width)
        if number != str(read - 1).encode() or read > buckets or not np.isfinite(row).all():
            expected = f"row {read - 1} of {buckets}, of finite numbers"
            raise bad_line(source, read + 1, expected, f"{line[:60]!r}")
        if read > len(rows):
            rows.resize((min(buckets, 2 * len(rows)), width), refcheck=False)
        rows[read - 1] = row
    if read != buckets:
        raise bad_line(source, 1, f"the number of rows that follow, got {buckets}", str(read))
    ngrams = NgramRows(rows, shortest, longest, "floret", hashes, seed, begin, end)
    no_words: Floats = np.zeros((0, width), dtype=np.float32)
    return WordVectors([], no_words, ngrams=ngrams)


def write_floret(vectors: WordVectors, file: BinaryIO) -> None:
    """Write rows of n-grams; RangeError where they are not of floret's form."""
    found = vectors.ngrams
    if found is None or found.hashing != "floret" or len(vectors):
        raise RangeError(
            "floret: expected rows of n-grams of floret's form and no words, got others; write "
            "another format, such as word2vec"
        )
    first = f"{len(found.rows)} {vectors.width} {found.shortest} {found.longest} {found.hashes}"
    file.write(f"{first} {found.seed} {found.begin} {found.end}\n".encode())
    form = written_form(vectors.width)
    for number, row in enumerate(found.rows):
        file.write(f"{number} {form(row)}\n".encode())
