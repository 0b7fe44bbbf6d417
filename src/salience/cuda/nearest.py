"""The k highest scores of each column on the GPU, in heaps of keys.

A key is a score's bits and an index, and is higher where the score is, or the
index lower among equals: so the k highest keys are the same whatever the order
in which scores come. Where columns are few, each has S heaps, each for every S-th
row; at the end these are merged.
"""

from typing import Any

import numpy as np
from numba import cuda

from . import arrays
from .jit import F1, F2, FLOAT, I2, INT, THREADS, blocks, inline, kernel

HEAPS = 100_000
"""Heaps that keep a GPU busy; a heap has one thread."""

SCORES_PER_KEY = 4
"""Scores that a heap gets at least for each key that it keeps."""

KEYS = 1 << 24
"""Most keys of all heaps, where a column has several."""

JOINED = 16
"""Heaps that one thread merges."""

AHEAD = 8
"""Scores that are read before the first is used, so that the reads overlap."""

_INDEX = 2**32 - 1
_NO_KEY = -0x7F800001 << 32
"""The key of minus infinity and of an index beyond all."""


def heaps_for(rows: int, columns: int, k: int) -> Any:
    """Return empty heaps for the k highest of each column: keys [k, S * columns]."""
    several = min(HEAPS // columns, rows // (SCORES_PER_KEY * k), KEYS // (k * columns))
    return arrays.full((k, max(1, several) * columns), _NO_KEY, np.int64)


def keep(scores: Any, first: int, keys: Any) -> None:
    """Give scores [R, columns] of the indices from `first` on to the heaps."""
    rows, columns = scores.shape
    grid = blocks(keys.shape[1])
    keep_highest[grid, THREADS](scores.reshape(rows * columns), first, columns, keys)


def sorted_of(keys: Any, columns: int, sign: float) -> tuple[Any, Any]:
    """Return each column's indices [columns, k], the highest score first, and sign * scores."""
    k, several, step = keys.shape[0], keys.shape[1] // columns, 1
    while step < several:
        threads = blocks(several, step * JOINED) * columns
        join[blocks(threads), THREADS](columns, step, keys)
        step *= JOINED
    indices, scores = arrays.empty(columns, k, dtype=np.int64), arrays.empty(columns, k)
    place[blocks(columns * k), THREADS](keys, np.float32(sign), indices, scores)
    return indices, scores


@kernel(F1, INT, INT, I2)
def keep_highest(scores: Any, first: int, columns: int, keys: Any) -> None:
    """Compare each score with the heap's lowest, which is at its root, and keep a higher one."""
    heap, step = cuda.grid(1), keys.shape[1]
    if heap >= step:
        return
    read, at = cuda.local.array(AHEAD, np.float32), heap
    least = _score_of(keys[0, heap])
    while at + (AHEAD - 1) * step < len(scores):
        for i in range(AHEAD):
            read[i] = scores[at + i * step]
        for i in range(AHEAD):
            if read[i] > least:
                _replace_root(keys, heap, _key_of(read[i], first + (at + i * step) // columns))
                least = _score_of(keys[0, heap])
        at += AHEAD * step
    while at < len(scores):
        if scores[at] > least:
            _replace_root(keys, heap, _key_of(scores[at], first + at // columns))
            least = _score_of(keys[0, heap])
        at += step


@kernel(INT, INT, I2)
def join(columns: int, step: int, keys: Any) -> None:
    """Of JOINED heaps of a column that lie `step` apart, the first keeps the highest keys."""
    thread: Any = cuda.grid(1)
    heap = thread // columns * columns * step * JOINED + thread % columns
    for i in range(1, JOINED):
        other: Any = heap + i * step * columns
        if other < keys.shape[1]:
            for j in range(len(keys)):
                if keys[j, other] > keys[0, heap]:
                    _replace_root(keys, heap, keys[j, other])


@kernel(I2, FLOAT, I2, F2)
def place(keys: Any, sign: Any, indices: Any, scores: Any) -> None:
    """Put each key in its place: how many of its column are higher, as no two are equal."""
    thread: Any = cuda.grid(1)
    columns: Any = len(indices)
    if thread < columns * len(keys):
        column, higher = thread % columns, np.int64(0)
        own = keys[thread // columns, column]
        for j in range(len(keys)):
            higher += 1 if keys[j, column] > own else 0
        indices[column, higher] = _INDEX - (own & _INDEX)
        # Not -0 where it is 0.
        scores[column, higher] = sign * _score_of(own) + np.float32(0)


@inline
def _key_of(score: Any, index: int) -> Any:
    bits = np.float32(score + np.float32(0)).view(np.int32)  # of -0, those of 0
    return (np.int64(_flipped(bits)) << 32) | (_INDEX - index)


@inline
def _score_of(key: Any) -> Any:
    return np.int32(_flipped(np.int32(key >> 32))).view(np.float32)


@inline
def _flipped(bits: Any) -> Any:
    """Flip the bits below the sign of negative numbers: as integers, all order as floats do."""
    return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@inline
def _replace_root(keys: Any, heap: int, key: Any) -> None:
    """Replace the root by a key, which sinks to its place in the heap."""
    at, k = np.int64(0), len(keys)
    while 2 * at + 1 < k:
        child = 2 * at + 1
        if child + 1 < k and keys[child + 1, heap] < keys[child, heap]:
            child += 1
        if keys[child, heap] >= key:
            break
        keys[at, heap] = keys[child, heap]
        at = child
    keys[at, heap] = key
