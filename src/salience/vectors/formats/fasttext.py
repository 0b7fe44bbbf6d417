"""The .bin files of fastText: words, counts, and rows of words and of n-grams.

The form is that of Model::saveModel in fastText 0.9.2 (Bojanowski et al., 2017), versions 11
and 12. The output matrix, with which training goes on, is not read.
"""

import struct
from typing import NamedTuple

import numpy as np

from ...types import Floats
from ..word_vectors import NgramRows, WordVectors
from .gathered import Gathered, Wanted
from .source import READ_AT_ONCE, Source

MAGIC = struct.pack("<i", 793712314)
_SUPERVISED = 3


class _Settings(NamedTuple):
    """Settings of a model that are needed here."""

    width: int
    buckets: int
    shortest: int
    longest: int


def read_fasttext(source: Source, wanted: Wanted) -> WordVectors:
    """Read words, counts and all rows; WeightsError names the byte where something else comes."""
    settings = _settings(source)
    found, counts, kept, words = _dictionary(source, settings.width, wanted)
    (quantised,) = _numbers(source, "<?", "whether the rows are quantised")
    if quantised:
        raise source.bad(source.place - 1, "rows of float32", "quantised ones (.ftz)")
    begin = source.place
    rows, width = _numbers(source, "<qq", "the size of the input matrix")
    buckets = rows - words
    if width != settings.width or buckets not in (0, settings.buckets):
        expected = f"{words} + {settings.buckets} rows of width {settings.width}"
        raise source.bad(begin, expected, f"{rows} of width {width}")
    table = _rows(source, words, width)[kept]
    ngrams = None
    if buckets and settings.longest > 0:
        shortest = max(1, settings.shortest)
        ngrams = NgramRows(_rows(source, buckets, width), shortest, settings.longest, "fasttext")
    found.tell()
    return WordVectors(list(found.words), table, np.array(counts, dtype=np.int64), ngrams)


def _settings(source: Source) -> _Settings:
    magic = source.exactly(4, "fastText's magic number")
    if magic != MAGIC:
        raise source.bad(0, "fastText's magic number", repr(magic))
    (version,) = _numbers(source, "<i", "a version")
    if version not in (11, 12):
        raise source.bad(4, "the version 11 or 12", str(version))
    begin = source.place
    names = "dim ws epoch min_count neg word_ngrams loss model bucket minn maxn lr t"
    values = _numbers(source, "<12id", "the settings")
    given = dict(zip(names.split(), values, strict=True))
    settings = _Settings(*(int(given[name]) for name in ("dim", "bucket", "minn", "maxn")))
    if settings.width < 1 or settings.buckets < 0 or settings.shortest > settings.longest > 0:
        raise source.bad(begin, "settings of a model", str(given))
    if version == 11 and given["model"] == _SUPERVISED:
        return settings._replace(longest=0)  # as fastText itself reads such files
    return settings


def _dictionary(
    source: Source, width: int, wanted: Wanted
) -> tuple[Gathered, list[int], list[int], int]:
    """The words that are wanted, their counts and row numbers, and how many rows words have."""
    begin = source.place
    what = "the sizes of the dictionary"
    size, words, labels, _, pruned = _numbers(source, "<iiiqq", what)
    if min(size, words, labels) < 0 or size != words + labels or pruned > 0:
        raise source.bad(begin, what, f"{size} entries, {words} words, {labels} labels")
    found, counts, kept = Gathered(source.path, wanted, width), list[int](), list[int]()
    for number in range(size):
        begin = source.place
        word = source.until(b"\0", f"entry {number + 1} of {size}")
        count, kind = _numbers(source, "<qb", "the count of a word")
        if kind != (number >= words) or count < 0:
            raise source.bad(begin, "a word and its count, then labels", f"{word[:40]!r}")
        is_wanted = number < words and not found.is_full
        if is_wanted and found.add(word, lambda begin=begin: f"{source.path}, byte {begin}"):  # type: ignore[misc]
            counts.append(count)
            kept.append(number)
    return found, counts, kept, words


def _rows(source: Source, rows: int, width: int) -> Floats:
    """Read rows a few at a time, so that a damaged size does not take all memory."""
    parts, each = [], max(1, READ_AT_ONCE // (4 * width))
    for first in range(0, rows, each):
        count = min(each, rows - first)
        begin = source.place
        content = source.exactly(4 * width * count, f"{rows} rows of width {width}")
        part = np.frombuffer(content, dtype="<f4").reshape(count, width)
        if not np.isfinite(part).all():
            wrong = int(np.flatnonzero(~np.isfinite(part.reshape(-1)))[0])
            raise source.bad(begin + 4 * wrong, "finite numbers", "NaN or infinity")
        parts.append(part)
    return np.concatenate([np.zeros((0, width), dtype=np.float32), *parts])


def _numbers(source: Source, form: str, what: str) -> tuple[int, ...]:
    return struct.unpack(form, source.exactly(struct.calcsize(form), what))
