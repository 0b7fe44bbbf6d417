"""cosine on the CPU, and its sisters dot and euclidean."""

from typing import NamedTuple

import numpy as np

from ... import threads
from ...cpu.jit import F1, F2, INT, OUT1, OUT2, kernel
from ...cpu.products import add_rows_times, add_transposed_product
from ...cpu.reductions import wide_dot
from ...cpu.strips import WIDTH, set_strips, strips_for
from ...types import Floats, Ints, Metric
from .scores import (
    COLUMNS_IN_CACHE,
    NO_KEY,
    keep_highest,
    mirror,
    set_distances,
    set_products,
    set_unit,
    sort_keys,
)

SLICE = 128
"""Rows of a slice: they stay in cache together with COLUMNS_IN_CACHE scores of each."""


class Packed(NamedTuple):
    """Vectors [B, D] as they are compared with others: see scores.py; of length 1 for cosine."""

    strips: Floats
    rows: int
    metric: Metric


def pairs(a: Floats, b: Floats) -> Floats:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = np.empty(len(a), dtype=np.float32)
    threads.run(lambda rows: cosines(a[rows], b[rows], scores[rows]), threads.slices(len(a)))
    return scores


def matrix(a: Floats, b: Floats, metric: Metric = "cosine") -> Floats:
    """s_ij; of vectors with themselves, one half is computed and the other is its mirror image."""
    return compare(a, pack(b, metric), symmetric=a is b)


def top_k(a: Floats, b: Floats, k: int, metric: Metric = "cosine") -> tuple[Ints, Floats]:
    """The k nearest of each row of s, which is never stored as a whole."""
    return search(a, pack(b, metric), k)


def pack(vectors: Floats, metric: Metric) -> Packed:
    """Prepare vectors that others are compared with."""
    width = vectors.shape[1]
    strips = strips_for(len(vectors), width)

    def task(rows: slice) -> None:
        own = slice(rows.start // WIDTH * width, -(-rows.stop // WIDTH) * width)
        set_strips(_ready(vectors[rows], metric), strips[own])

    threads.run(task, _tasks(len(vectors)))
    return Packed(strips, len(vectors), metric)


def unpack(packed: Packed, first: int, last: int) -> Floats:
    """Return the packed rows from first, which begins a strip, to last, as they are compared."""
    width = len(packed.strips) // -(-packed.rows // WIDTH)
    begin, end = first // WIDTH, -(-last // WIDTH)
    strips = packed.strips[begin * width : end * width].reshape(end - begin, width, WIDTH)
    rows = strips.transpose(0, 2, 1).reshape((end - begin) * WIDTH, width)
    return np.ascontiguousarray(rows[: last - first])


def compare(a: Floats, packed: Packed, *, symmetric: bool = False) -> Floats:
    """Return the scores [A, B] of a's rows; symmetric says that they are the packed ones."""
    scores = np.empty((len(a), packed.rows), dtype=np.float32)

    def task(rows: slice) -> None:
        first = rows.start if symmetric else 0
        ready = _ready(a[rows], packed.metric)
        _set_scores(ready, packed, first, packed.rows, scores[rows], first)

    threads.run(task, _tasks(len(a)))
    if symmetric:
        threads.run(lambda rows: mirror(scores, rows.start, rows.stop), _tasks(len(a)))
    return scores


def search(a: Floats, packed: Packed, k: int, *, ready: bool = False) -> tuple[Ints, Floats]:
    """Return indices and scores [A, k] of the packed rows nearest to a's; k is at most B.

    ready says that a's rows are unpacked ones, which have their length already.
    """
    indices = np.empty((len(a), k), dtype=np.int64)
    scores = np.empty((len(a), k), dtype=np.float32)
    falling = packed.metric == "euclidean"

    def task(rows: slice) -> None:
        own = a[rows] if ready else _ready(a[rows], packed.metric)
        keys = np.full((len(own), k), NO_KEY, dtype=np.int64)
        buffer = np.empty(len(own) * COLUMNS_IN_CACHE, dtype=np.float32)
        for first in range(0, packed.rows, COLUMNS_IN_CACHE):
            last = min(first + COLUMNS_IN_CACHE, packed.rows)
            block = buffer[: len(own) * (last - first)].reshape(len(own), last - first)
            _set_scores(own, packed, first, last, block, 0, negated=falling)
            keep_highest(block, first, keys)
        indices[rows], highest = sort_keys(keys)
        scores[rows] = 0 - highest if falling else highest

    threads.run(task, _tasks(len(a)) if k else [])
    return indices, scores


def backprop_pairs(d_scores: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """ds/da = b / (|a| |b|) - s a / |a|^2, and the same the other way round."""
    d_a, d_b = np.empty_like(a), np.empty_like(b)

    def task(rows: slice) -> None:
        cosines_back(d_scores[rows], a[rows], b[rows], d_a[rows], d_b[rows])

    threads.run(task, threads.slices(len(a)))
    return d_a, d_b


def backprop_matrix(d_scores: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """With unit rows e of a and f of b: dL/de = dL/ds f; a gets what is orthogonal to e."""
    e, f = _ready(a, "cosine"), _ready(b, "cosine")
    d_a, d_b = np.zeros_like(a), np.zeros_like(b)

    def task_of_a(rows: slice) -> None:
        add_rows_times(d_scores[rows], f, d_a[rows])
        keep_across(a[rows], e[rows], d_a[rows])

    def task_of_b(rows: slice) -> None:
        add_some_columns_times(d_scores, rows.start, e, d_b[rows])
        keep_across(b[rows], f[rows], d_b[rows])

    threads.run(task_of_a, _tasks(len(a)))
    threads.run(task_of_b, _tasks(len(b)))
    return d_a, d_b


def _set_scores(
    ready: Floats, packed: Packed, first: int, last: int, out: Floats, column: int, *,
    negated: bool = False,
) -> None:  # fmt: skip
    if packed.metric == "euclidean":
        set_distances(ready, packed.strips, first, last, negated, out, column)
    else:
        set_products(ready, packed.strips, first, last, packed.metric == "cosine", out, column)


def _ready(rows: Floats, metric: Metric) -> Floats:
    """Rows of length 1 for cosine, the rows themselves otherwise."""
    if metric != "cosine":
        return rows
    unit = np.empty_like(rows)
    set_unit(rows, unit)
    return unit


def _tasks(rows: int) -> list[slice]:
    """Slices of SLICE rows, each of which begins a strip."""
    return [slice(first, min(first + SLICE, rows)) for first in range(0, rows, SLICE)]


@kernel(F2, F2, OUT1)
def cosines(a: Floats, b: Floats, scores: Floats) -> None:
    """Fill s_i = a_i'b_i / (|a_i| |b_i|); equal rows give exactly 1."""
    for i in range(len(a)):
        ab, aa, bb = wide_dot(a[i], b[i]), wide_dot(a[i], a[i]), wide_dot(b[i], b[i])
        zero = aa * bb == 0
        scores[i] = np.float32(0) if zero else np.float32(ab / np.sqrt(aa * bb))


@kernel(F1, F2, F2, OUT2, OUT2)
def cosines_back(d_scores: Floats, a: Floats, b: Floats, d_a: Floats, d_b: Floats) -> None:
    """d_a = d_s (b / (|a| |b|) - s a / |a|^2), and the same the other way round."""
    for i in range(len(a)):
        ab, aa, bb = wide_dot(a[i], b[i]), wide_dot(a[i], a[i]), wide_dot(b[i], b[i])
        zero = aa * bb == 0
        scale = 0.0 if zero else d_scores[i] / np.sqrt(aa * bb)
        along_a, along_b = (0.0, 0.0) if zero else (ab / aa, ab / bb)
        for d in range(a.shape[1]):
            d_a[i, d] = scale * (b[i, d] - along_a * a[i, d])
            d_b[i, d] = scale * (a[i, d] - along_b * b[i, d])


@kernel(F2, INT, F2, OUT2)
def add_some_columns_times(x: Floats, first: int, y: Floats, out: Floats) -> None:
    """out += x[:, first..]' y, of as many columns as out has rows."""
    columns = (first, first + len(out))
    add_transposed_product(x, (0, len(x)), columns, y, 0, (0, y.shape[1]), out, 0, 0)


@kernel(F2, F2, OUT2)
def keep_across(rows: Floats, unit: Floats, d_unit: Floats) -> None:
    """Make d_unit the gradient of rows: what is orthogonal to unit, / |row|; 0 for zeros."""
    for i in range(len(rows)):
        row, e, d_row = rows[i], unit[i], d_unit[i]
        along, squares = wide_dot(d_row, e), wide_dot(row, row)
        inverse = 0.0 if squares == 0 else 1 / np.sqrt(squares)
        for d in range(len(row)):
            d_row[d] = np.float32((d_row[d] - along * e[d]) * inverse)
