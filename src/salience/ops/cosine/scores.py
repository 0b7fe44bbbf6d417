"""Scores of the rows of one matrix with packed rows of another, by any metric."""

from collections.abc import Callable

import numpy as np

from ...cpu.jit import BOOL, F2, INT, OUT2, OUT_I2, inline, kernel, named
from ...cpu.memory import LINE
from ...cpu.products import add_product, add_squares, clear
from ...cpu.reductions import furthest, highest, wide_dot
from ...cpu.strips import WIDTH, transpose
from ...types import Floats, Ints

COLUMNS_IN_CACHE, SCORES_AT_ONCE = 512, 64
"""Packed rows whose scores with a slice of rows stay in cache until they are used; and scores
that are looked at together: where their maximum is too low, they need no look at each."""

_INDEX, _ONE = 2**32 - 1, np.float32(1)


@kernel(F2, OUT2)
def set_unit(rows: Floats, unit: Floats) -> None:
    """Rows of length 1; a row of zeros stays zeros."""
    for i in range(len(rows)):
        row, to = rows[i], unit[i]
        squares = wide_dot(row, row)
        inverse = 0.0 if squares == 0 else 1 / np.sqrt(squares)
        for d in range(len(row)):
            to[d] = np.float32(row[d] * inverse)


@kernel(F2, F2, INT, INT, BOOL, OUT2, INT)
def set_products(
    a: Floats, strips: Floats, first: int, last: int, cosine: bool, out: Floats, column: int
) -> None:
    """out[:, column..] = a's rows times the packed rows first..last; first begins a strip."""
    for begin in range(first, last, COLUMNS_IN_CACHE):
        end, into = min(begin + COLUMNS_IN_CACHE, last), column + begin - first
        _sum_products(a, strips, begin, end, out, into)
        for i in range(len(a) if cosine else 0):
            _set_cosines(a[i], strips, begin, out[i, into : into + end - begin])


@kernel(F2, F2, INT, INT, BOOL, OUT2, INT)
def set_distances(
    a: Floats, strips: Floats, first: int, last: int, negated: bool, out: Floats, column: int
) -> None:
    """out[:, column..] = the distances of a's rows from the packed rows, or minus these."""
    for begin in range(first, last, COLUMNS_IN_CACHE):
        end, into = min(begin + COLUMNS_IN_CACHE, last), column + begin - first
        _sum_squares(a, strips, begin, end, out, into)
        for i in range(len(a)):
            _set_roots(out[i, into : into + end - begin], negated)


def _summing(add: Callable[..., None], name: str) -> Callable[..., None]:
    @inline
    @named(name)
    def fill(a: Floats, strips: Floats, begin: int, end: int, out: Floats, column: int) -> None:
        rows, depth = (0, len(a)), (0, a.shape[1])
        for i in range(len(a)):
            clear(out[i, column : column + end - begin])
        for c in range(begin, end, WIDTH):
            own = (0, min(WIDTH, end - c))
            strip, into = c // WIDTH * a.shape[1], column + c - begin
            add(a, rows, depth, strips, strip, own, out, 0, into)

    return fill


_sum_products = _summing(add_product, "sum_products")
_sum_squares = _summing(add_squares, "sum_squares")


@inline
def _set_roots(row: Floats, negated: bool) -> None:
    sign = np.float32(-1 if negated else 1)
    for j in range(len(row)):
        row[j] = sign * np.sqrt(row[j])


@inline
def _set_cosines(unit: Floats, strips: Floats, first: int, row: Floats) -> None:
    """Clip cosines that rounding left beyond 1, and make those of equal rows exactly 1."""
    near = np.float32(1 - (len(unit) + 4) * 2.0**-23)
    if furthest(row) > near:
        for begin in range(0, len(row), SCORES_AT_ONCE):
            part = row[begin : begin + SCORES_AT_ONCE]
            if furthest(part) > near:
                for j in range(len(part)):
                    if abs(part[j]) > near:
                        equal = _is_packed_at(first + begin + j, unit, strips)
                        part[j] = 1 if equal else min(max(part[j], -_ONE), _ONE)


@inline
def _is_packed_at(index: int, row: Floats, strips: Floats) -> bool:
    strip, column = index // WIDTH * len(row), index % WIDTH
    same = 0
    while same < len(row) and strips[strip + same, column] == row[same]:
        same += 1
    return same == len(row)


@kernel(OUT2, INT, INT)
def mirror(scores: Floats, first: int, last: int) -> None:
    """Fill the rows from first to last left of column `first`: s_ij = s_ji."""
    for j in range(0, first, LINE):
        for i in range(first, last, LINE):
            rows, columns = min(LINE, last - i), min(LINE, first - j)
            part = scores[j : j + columns, i : i + rows]
            transpose(part, scores[i : i + rows, j : j + columns])


@kernel(F2, INT, OUT_I2)
def keep_highest(scores: Floats, first: int, keys: Ints) -> None:
    """Each row's k highest scores so far; column 0 belongs to the index `first`.

    They are a heap of keys with the lowest at its root: a score below that costs one
    comparison, and SCORES_AT_ONCE of them cost one together.
    """
    for i in range(len(scores)):
        row, heap = scores[i], keys[i]
        least = _score_of(heap[0])
        for begin in range(0, len(row), SCORES_AT_ONCE):
            part = row[begin : begin + SCORES_AT_ONCE]
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
    return (np.int64(_flipped(bits)) << 32) | (_INDEX - index)


@inline
def _score_of(key: np.int64) -> np.float32:
    return np.int32(_flipped(np.int32(key >> 32))).view(np.float32)


@inline
def _flipped(bits: np.int32) -> np.int32:
    """Flip the bits below the sign of negative numbers: as integers, all order as floats do."""
    return np.int32(bits ^ ((bits >> np.int32(31)) & np.int32(0x7FFFFFFF)))


@inline
def _replace_root(heap: Ints, key: np.int64) -> None:
    """Replace the root by a key, which sinks to its place in the heap."""
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
    return _INDEX - (falling & _INDEX), bits.view(np.float32)
