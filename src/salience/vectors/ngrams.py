"""Rows of words and of their character n-grams, by the hashes of fastText and of floret."""

import numpy as np
from numba import types
from numpy.typing import NDArray

from ..cpu.jit import I1, INT, inline, kernel
from ..types import Ints, starts_of
from .kernels import Members
from .word_vectors import Hashing

_UTF8 = types.Array(types.uint8, 1, "C", readonly=True)
_OUT_U2 = types.Array(types.uint32, 2, "C")

_FNV_BEGIN, _FNV_PRIME = np.uint32(2166136261), np.uint32(16777619)
_EXTENDED = np.uint32(0xFFFFFF00)

_MURMUR_SEED = np.uint64(2166136261)  # floret's
_MIX_A, _MIX_B = np.uint64(0x87C37B91114253D5), np.uint64(0x4CF5AD432745937F)
_M1, _M2 = np.uint64(0xFF51AFD7ED558CCD), np.uint64(0xC4CEB9FE1A85EC53)
_A1, _A2 = np.uint64(0x52DCE729), np.uint64(0x38495AB5)
_FIVE, _BITS, _LOW32 = np.uint64(5), np.uint64(64), np.uint64(0xFFFFFFFF)


@inline
def fnv(text: NDArray[np.uint8], first: int, last: int) -> np.uint32:
    """Return FNV-1a of bytes, each with its sign extended, as in fastText."""
    value = _FNV_BEGIN
    for place in range(first, last):
        byte = np.uint32(text[place])
        if byte >= 128:
            byte |= _EXTENDED
        value = np.uint32((value ^ byte) * _FNV_PRIME)
    return value


@inline
def turned(value: np.uint64, by: int) -> np.uint64:
    """Return the bits of a number, rotated to the left."""
    return (value << np.uint64(by)) | (value >> (_BITS - np.uint64(by)))


@inline
def finished(value: np.uint64) -> np.uint64:
    """Return MurmurHash3's mixed bits of a number."""
    value = (value ^ (value >> np.uint64(33))) * _M1
    value = (value ^ (value >> np.uint64(33))) * _M2
    return value ^ (value >> np.uint64(33))


@inline
def eight(text: NDArray[np.uint8], first: int, last: int) -> np.uint64:
    """Return up to eight bytes as a number, the lowest first."""
    value = np.uint64(0)
    for place in range(first, min(first + 8, last)):
        value |= np.uint64(text[place]) << np.uint64(8 * (place - first))
    return value


@inline
def murmur(text: NDArray[np.uint8], first: int, last: int, out: NDArray[np.uint32]) -> None:
    """Write the four parts of MurmurHash3_x64_128 (Appleby), with floret's seed."""
    a, b, place = _MURMUR_SEED, _MURMUR_SEED, first
    while place + 16 <= last:
        a ^= turned(eight(text, place, last) * _MIX_A, 31) * _MIX_B
        a = (turned(a, 27) + b) * _FIVE + _A1
        b ^= turned(eight(text, place + 8, last) * _MIX_B, 33) * _MIX_A
        b = (turned(b, 31) + a) * _FIVE + _A2
        place += 16
    b ^= turned(eight(text, place + 8, last) * _MIX_B, 33) * _MIX_A
    a ^= turned(eight(text, place, last) * _MIX_A, 31) * _MIX_B
    a, b = a ^ np.uint64(last - first), b ^ np.uint64(last - first)
    a += b
    b += a
    a, b = finished(a), finished(b)
    a += b
    b += a
    out[0], out[1] = np.uint32(a & _LOW32), np.uint32(a >> np.uint64(32))
    out[2], out[3] = np.uint32(b & _LOW32), np.uint32(b >> np.uint64(32))


@kernel(_UTF8, I1, INT, _OUT_U2)
def hash_all(text: NDArray[np.uint8], places: Ints, floret: int, out: NDArray[np.uint32]) -> None:
    """Hash the bytes between each pair of places."""
    for i in range(len(out)):
        if floret:
            murmur(text, places[2 * i], places[2 * i + 1], out[i])
        else:
            out[i][0] = fnv(text, places[2 * i], places[2 * i + 1])


def ngrams_of(word: str, shortest: int, longest: int, hashing: Hashing) -> list[str]:
    """Return the n-grams of <word>; floret's begin with <word> itself.

    fastText's leave out a single < or >. Bojanowski et al. (2017).
    """
    marked = f"<{word}>"
    found = [marked] if hashing == "floret" else []
    for size in range(shortest, longest + 1):
        every = [marked[at : at + size] for at in range(len(marked) - size + 1)]
        found += every[1:-1] if size == 1 and hashing == "fasttext" else every
    return found


def hashes_of(ngrams: list[str], hashing: Hashing) -> NDArray[np.uint32]:
    """Return the hashes of n-grams: one of fastText's, four of floret's [N, 4]."""
    content = [each.encode("utf-8", "surrogatepass") for each in ngrams]
    starts = starts_of([len(each) for each in content])
    places = np.stack([starts[:-1], starts[1:]], axis=1).ravel()
    out = np.zeros((len(content), 4 if hashing == "floret" else 1), dtype=np.uint32)
    text = np.frombuffer(b"".join(content), dtype=np.uint8)
    hash_all(text, places, int(hashing == "floret"), out)
    return out


WORDS_AT_ONCE = 10_000
"""Words whose n-grams are in memory together."""


def members_of(
    words: list[str], shortest: int, longest: int, hashing: Hashing, buckets: int, hashes: int
) -> Members:
    """Return the rows of each word in a table: floret's buckets, or V words and then buckets."""
    floret = hashing == "floret"
    sizes: list[int] = []
    found: list[Ints] = []
    for first in range(0, len(words), WORDS_AT_ONCE):
        some = words[first : first + WORDS_AT_ONCE]
        lists = [ngrams_of(word, shortest, longest, hashing) for word in some]
        hashed = hashes_of([each for ngrams in lists for each in ngrams], hashing)
        rows = (hashed[:, :hashes] % np.uint32(buckets)).astype(np.int64)
        if floret:
            sizes += [len(ngrams) * hashes for ngrams in lists]
            found.append(rows.ravel())
            continue
        at = 0
        for number, ngrams in enumerate(lists, start=first):
            found.append(np.array([number], dtype=np.int64))
            found.append(rows[at : at + len(ngrams), 0] + len(words))
            at += len(ngrams)
        sizes += [1 + len(ngrams) for ngrams in lists]
    numbers = np.concatenate([*found, np.empty(0, np.int64)]).astype(np.int32)
    return Members(numbers, starts_of(sizes))


def alone(count: int) -> Members:
    """Return words that are one row each."""
    return Members(np.arange(count, dtype=np.int32), np.arange(count + 1, dtype=np.int64))
