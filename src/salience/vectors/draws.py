"""Random draws of the kernels: a generator, words to keep, words that are not there."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..cpu.jit import inline
from ..types import Ints

_STRIDE64 = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_30, _27, _31, _32 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)

Thresholds = NDArray[np.uint32]


@inline
def draw(state: NDArray[np.uint64]) -> np.uint64:
    """Return 64 random bits (SplitMix64: Steele, Lea and Flood 2014); the state moves on."""
    state[0] += _STRIDE64
    z = state[0]
    z = (z ^ (z >> _30)) * _FIRST
    z = (z ^ (z >> _27)) * _SECOND
    return np.uint64(z ^ (z >> _31))


@inline
def below(bits: np.uint64, count: int) -> Any:
    """Return a number from 0 to count - 1, of the upper half of random bits."""
    return np.int64(((bits >> _32) * np.uint64(count)) >> _32)


@inline
def low(bits: np.uint64) -> np.uint32:
    """Return the lower half of random bits."""
    return np.uint32(bits & _LOW)


def aliases(weights: NDArray[np.float64]) -> tuple[Thresholds, NDArray[np.int32]]:
    """Return an alias table of these weights: one draw costs the same, of however many.

    Place i, which is drawn evenly, stands for i where 32 further random bits are below
    thresholds[i], else for others[i]. Walker (1977); Vose (1991).
    """
    count = len(weights)
    shares = weights * (count / weights.sum())
    others = np.arange(count, dtype=np.int32)
    small = [int(i) for i in np.flatnonzero(shares < 1)]
    large = [int(i) for i in np.flatnonzero(shares >= 1)]
    while small and large:
        less, more = small.pop(), large[-1]
        others[less] = more
        shares[more] -= 1 - shares[less]
        if shares[more] < 1:
            small.append(large.pop())
    shares[small + large] = 1  # what rounding has left
    return _thresholds(shares), others


def kept(counts: Ints, sample: float) -> Thresholds:
    """Return how often a word is kept, of 2^32: (sqrt(f / sample) + 1) sample / f, at most always.

    f is its share of all words. Mikolov et al. (2013), in the form of word2vec.c; a
    `sample` of 0 keeps all.
    """
    if not sample:
        return np.full(len(counts), _LOW, dtype=np.uint32)
    shares = counts / counts.sum()
    return _thresholds((np.sqrt(shares / sample) + 1) * sample / shares)


def _thresholds(shares: NDArray[np.float64]) -> Thresholds:
    return np.minimum(shares * 2.0**32, 2.0**32 - 1).astype(np.uint32)
