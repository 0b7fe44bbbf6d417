"""Rows of character n-grams by their hashes, as fastText and floret (so spaCy) compute them.

Both hash the UTF-8 bytes of an n-gram: fastText by FNV-1a of 32 bits, whose bytes are signed
there (Bojanowski et al., Enriching Word Vectors with Subword Information, 2017), floret by
MurmurHash3 of 128 bits for 64-bit machines, of which it takes up to four numbers of 32 bits.
All n-grams of as many bytes are hashed together.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..types import Ints, Ragged, starts_of

Bytes = NDArray[np.uint8]
"""N-grams of L bytes each [N, L]."""

BEGIN, END = "<", ">"
"""The marks around a word."""

END_OF_LINE = "</s>"
"""What fastText counts the ends of lines by; it has no n-grams there."""


def fasttext_ngrams(word: str, shortest: int, longest: int) -> Iterator[str]:
    """Yield the n-grams of a word between its marks; a mark alone is none."""
    if word == END_OF_LINE:
        return
    marked = BEGIN + word + END
    for first in range(len(marked)):
        for last in range(first + shortest, min(first + longest, len(marked)) + 1):
            if last > first and not (last - first == 1 and (first == 0 or last == len(marked))):
                yield marked[first:last]


def floret_ngrams(
    word: str, shortest: int, longest: int, begin: str = BEGIN, end: str = END
) -> Iterator[str]:
    """Yield the whole word between its marks, then its n-grams; of no word none."""
    if not word:
        return
    marked = begin + word + end
    yield marked
    for n in range(shortest, longest + 1):
        for first in range(len(marked) - n + 1):
            yield marked[first : first + n]


def fasttext_hashes(grams: Sequence[str]) -> Ints:
    """Return the hash of each n-gram [N, 1]."""
    return _by_length(grams, 1, _fnv)


def floret_hashes(grams: Sequence[str], hashes: int, seed: int) -> Ints:
    """Return so many hashes of each n-gram [N, hashes]."""
    return _by_length(grams, 4, lambda data: _murmur(data, seed))[:, :hashes]


def bags_of(
    words: Sequence[str], ngrams: Callable[[str], Iterator[str]],
    hashed: Callable[[Sequence[str]], Ints], buckets: int,
) -> Ragged:  # fmt: skip
    """Return the rows of all n-grams of each word, one after the other."""
    found = [list(ngrams(word)) for word in words]
    different = list(dict.fromkeys(gram for grams in found for gram in grams))
    numbers = {gram: number for number, gram in enumerate(different)}
    rows = hashed(different) % buckets
    places = np.array([numbers[gram] for grams in found for gram in grams], dtype=np.int64)
    sizes = np.array([len(grams) for grams in found], dtype=np.int64) * rows.shape[1]
    return Ragged(np.ascontiguousarray(rows[places].reshape(-1)), starts_of(sizes))


def _by_length(grams: Sequence[str], width: int, hashed: Callable[[Bytes], Any]) -> Ints:
    encoded = [gram.encode("utf-8", "surrogatepass") for gram in grams]
    lengths = np.array([len(each) for each in encoded], dtype=np.int64)
    found = np.zeros((len(grams), width), dtype=np.int64)
    for length in np.unique(lengths).tolist():
        these = np.flatnonzero(lengths == length)
        together = b"".join([encoded[number] for number in these.tolist()])
        data = np.frombuffer(together, dtype=np.uint8).reshape(len(these), length)
        found[these] = hashed(data)
    return found


def _fnv(data: Bytes) -> NDArray[np.uint32]:
    """FNV-1a, h = (h ^ byte) 16777619, of bytes that are signed, as in fastText."""
    found = np.full((len(data), 1), 2166136261, dtype=np.uint32)
    for column in data.view(np.int8).T.astype(np.int32).view(np.uint32):
        found = (found ^ column[:, None]) * np.uint32(16777619)
    return found


_FACTOR_1, _FACTOR_2 = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)


def _murmur(data: Bytes, seed: int) -> NDArray[np.uint32]:
    """MurmurHash3_x64_128 (Appleby, 2011), as four numbers of 32 bits [N, 4]."""
    count, length = data.shape
    whole = length // 16
    one = np.full(count, seed, dtype=np.uint64)
    two = one.copy()
    padded = np.zeros((count, 16 * (whole + 1)), dtype=np.uint8)
    padded[:, :length] = data
    keys = padded.view("<u8").astype(np.uint64)
    for at in range(whole):
        one ^= _scrambled(keys[:, 2 * at], _FACTOR_1, 31, _FACTOR_2)
        one = (_turned(one, 27) + two) * np.uint64(5) + np.uint64(0x52DCE729)
        two ^= _scrambled(keys[:, 2 * at + 1], _FACTOR_2, 33, _FACTOR_1)
        two = (_turned(two, 31) + one) * np.uint64(5) + np.uint64(0x38495AB5)
    two ^= _scrambled(keys[:, 2 * whole + 1], _FACTOR_2, 33, _FACTOR_1)
    one ^= _scrambled(keys[:, 2 * whole], _FACTOR_1, 31, _FACTOR_2)
    one ^= np.uint64(length)
    two ^= np.uint64(length)
    one += two
    two += one
    one, two = _mixed(one), _mixed(two)
    one += two
    two += one
    return np.ascontiguousarray(np.stack([one, two], axis=1).astype("<u8")).view("<u4")


def _scrambled(
    key: NDArray[np.uint64], first: np.uint64, turn: int, second: np.uint64
) -> NDArray[np.uint64]:
    return _turned(key * first, turn) * second


def _turned(x: NDArray[np.uint64], by: int) -> NDArray[np.uint64]:
    return (x << np.uint64(by)) | (x >> np.uint64(64 - by))


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    x = (x ^ (x >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ (x >> np.uint64(33))
