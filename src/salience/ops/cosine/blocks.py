"""Blocks of scores: rows of one matrix with packed rows of another, by any metric.

Packed rows lie COLUMNS side by side, the first numbers of all, then the second
and so on, as a product reads them: [strips * D, COLUMNS].
"""

import numpy as np

from ...jit import BOOL, F2, INT, OUT2, OUT_I2, inline, kernel
from ...types import Floats, Ints
from ..products import add_product, add_squares, clear
from ..reductions import furthest, highest, wide_dot

COLUMNS, SPAN = 64, 512
"""Packed rows side by side, and how many meet other rows while the scores are in cache."""

DOT, COSINE, EUCLIDEAN = range(3)

_MOST, _ONE = 2**32 - 1, np.float32(1)
_LINE = 16
"""Numbers of a cache line; of so many rows, as many lines stay in cache while they are turned."""


@kernel(F2, OUT2)
def set_unit(rows: Floats, unit: Floats) -> None:
    """Rows of length 1; a row of zeros stays zeros."""
    for i in range(len(rows)):
        row, to = rows[i], unit[i]
        squares = wide_dot(row, row)
        inverse = 0.0 if squares == 0 else 1 / np.sqrt(squares)
        for d in range(len(row)):
            to[d] = np.float32(row[d] * inverse)


@kernel(F2, OUT2)
def set_strips(rows: Floats, strips: Floats) -> None:
    """Pack rows, of which the first begins a strip."""
    width = rows.shape[1]
    for first in range(0, len(rows), _LINE):
        strip, place = first // COLUMNS * width, first % COLUMNS
        for d in range(0, width, _LINE):
            part = rows[first : first + _LINE, d : d + _LINE]
            _transpose(part, strips[strip + d : strip + d + _LINE, place : place + _LINE])


@inline
def _transpose(part: Floats, to: Floats) -> None:
    for d in range(part.shape[1]):
        line = to[d]
        for j in range(len(part)):
            line[j] = part[j, d]


@kernel(F2, F2, INT, INT, INT, BOOL, OUT2, INT)
def set_scores(
    a: Floats, strips: Floats, first: int, last: int, metric: int, negated: bool,
    out: Floats, column: int,
) -> None:  # fmt: skip
    """out[:, column..] = scores of a's rows with the packed rows from first, a strip's, to last."""
    for begin in range(first, last, SPAN):
        end = min(begin + SPAN, last)
        into = column + begin - first
        for i in range(len(a)):
            clear(out[i, into : into + end - begin])
        _add_scores(a, strips, begin, end, metric, out, into)
        for i in range(len(a)):
            row = out[i, into : into + end - begin]
            if metric == EUCLIDEAN:
                _set_roots(row, negated)
            elif metric == COSINE:
                _set_cosines(a[i], strips, begin, row)


@inline
def _add_scores(
    a: Floats, strips: Floats, begin: int, end: int, metric: int, out: Floats, column: int
) -> None:
    rows, depth = (0, len(a)), (0, a.shape[1])
    for c in range(begin, end, COLUMNS):
        strip, into = c // COLUMNS * a.shape[1], column + c - begin
        own = (0, min(COLUMNS, end - c))
        if metric == EUCLIDEAN:
            add_squares(a, rows, depth, strips, strip, own, out, 0, into)
        else:
            add_product(a, rows, depth, strips, strip, own, out, 0, into)


@inline
def _set_roots(row: Floats, negated: bool) -> None:
    sign = np.float32(-1 if negated else 1)
    for j in range(len(row)):
        row[j] = sign * np.sqrt(row[j])


@inline
def _set_cosines(unit: Floats, strips: Floats, first: int, row: Floats) -> None:
    """Rounding leaves a cosine beside 1, or beyond it; between equals it is 1."""
    near = np.float32(1 - (len(unit) + 4) * 2.0**-23)
    if furthest(row) > near:
        for begin in range(0, len(row), COLUMNS):
            part = row[begin : begin + COLUMNS]
            if furthest(part) > near:
                for j in range(len(part)):
                    if abs(part[j]) > near:
                        equal = _is_packed_at(first + begin + j, unit, strips)
                        part[j] = 1 if equal else min(max(part[j], -_ONE), _ONE)


@inline
def _is_packed_at(index: int, row: Floats, strips: Floats) -> bool:
    strip, column = index // COLUMNS * len(row), index % COLUMNS
    same = 0
    while same < len(row) and strips[strip + same, column] == row[same]:
        same += 1
    return same == len(row)


@kernel(OUT2, INT, INT)
def mirror(scores: Floats, first: int, last: int) -> None:
    """Fill the rows from first to last left of column `first`: s_ij = s_ji."""
    for j in range(0, first, _LINE):
        for i in range(first, last, _LINE):
            rows, columns = min(_LINE, last - i), min(_LINE, first - j)
            part = scores[j : j + columns, i : i + rows]
            _transpose(part, scores[i : i + rows, j : j + columns])


@kernel(F2, INT, OUT_I2)
def keep_highest(scores: Floats, first: int, keys: Ints) -> None:
    """Each row's k highest scores so far; column 0 belongs to the index `first`.

    They are a heap of keys with the lowest at its root, so that most scores
    cost one comparison, and those of a strip together.
    """
    for i in range(len(scores)):
        row, heap = scores[i], keys[i]
        least = _score_of(heap[0])
        for begin in range(0, len(row), COLUMNS):
            part = row[begin : begin + COLUMNS]
            if highest(part) > least:
                for j in range(len(part)):
                    if part[j] > least:
                        _replace_root(heap, _key_of(part[j], first + begin + j))
                        least = _score_of(heap[0])


NO_KEY = -0x7F800001 << 32
"""The key of minus infinity and of an index beyond all."""


@inline
def _key_of(score: np.float32, index: int) -> np.int64:
    """A number that is higher where the score is, or the index is lower among equals."""
    bits = np.float32(score + np.float32(0)).view(np.int32)  # of -0, those of 0
    return (np.int64(_flipped(bits)) << 32) | (_MOST - index)


@inline
def _score_of(key: np.int64) -> np.float32:
    return np.int32(_flipped(np.int32(key >> 32))).view(np.float32)


@inline
def _flipped(bits: np.int32) -> np.int32:
    """Negative numbers' bits the other way round, so that all rise with the number."""
    return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@inline
def _replace_root(heap: Ints, key: np.int64) -> None:
    """Take the root's place, or that of its lower child, and so on down."""
    place, k = 0, len(heap)
    while 2 * place + 1 < k:
        child = 2 * place + 1
        if child + 1 < k and heap[child + 1] < heap[child]:
            child += 1
        if heap[child] >= key:
            break
        heap[place] = heap[child]
        place = child
    heap[place] = key


def sort_keys(keys: Ints) -> tuple[Ints, Floats]:
    """Return the indices and the scores of each row's keys, the highest first."""
    falling = np.sort(keys, axis=1)[:, ::-1]
    bits = (falling >> 32).astype(np.int32)
    bits ^= (bits >> 31) & np.int32(0x7FFFFFFF)
    return _MOST - (falling & _MOST), bits.view(np.float32)
