"""cosine on the GPU, and its sisters dot and euclidean."""

import math
from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays, nearest
from ...cuda.jit import F1, F2, FLOAT, THREADS, blocks, inline, kernel
from ...cuda.lanes import LANES, over, row_of_warp, wide_dot
from ...cuda.products import columns_times, rows_times, rows_times_matrix, squares_between
from ...cuda.tiles import TILE
from ...types import Metric

SCORES_IN_MEMORY = 1 << 24
"""Scores of a search that are in memory at once."""

_ONE = np.float32(1)


def pairs(a: Any, b: Any) -> Any:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = arrays.empty(len(a))
    cosines[over(len(a))](a, b, scores)
    return scores


def matrix(a: Any, b: Any, metric: Metric = "cosine") -> Any:
    """s_ij = a_i'b_j / (|a_i| |b_j|), a_i'b_j or |a_i - b_j|."""
    return _scores(_ready(a, metric), _ready(b, metric), metric, 1)


def top_k(a: Any, b: Any, k: int, metric: Metric = "cosine") -> tuple[Any, Any]:
    """The k nearest of each row of s: some columns of s at a time are computed, transposed."""
    if not (len(a) and k):
        return arrays.empty(len(a), k, dtype=np.int64), arrays.empty(len(a), k)
    ready, sign = _ready(a, metric), -1 if metric == "euclidean" else 1
    heaps, rows = nearest.heaps_for(len(b), len(a), k), max(TILE, SCORES_IN_MEMORY // len(a))
    for first in range(0, len(b), rows):
        some = _ready(arrays.some_rows(b, first, first + rows), metric)
        nearest.keep(_scores(some, ready, metric, sign), first, heaps)
    return nearest.sorted_of(heaps, len(a), sign)


def backprop_pairs(d_scores: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """ds/da = b / (|a| |b|) - s a / |a|^2, and the same the other way round."""
    d_a, d_b = arrays.empty_like(a), arrays.empty_like(b)
    cosines_back[over(len(a))](d_scores, a, b, d_a, d_b)
    return d_a, d_b


def backprop_matrix(d_scores: Any, a: Any, b: Any) -> tuple[Any, Any]:
    """With unit rows e of a and f of b: dL/de = dL/ds f; a gets what is orthogonal to e."""
    e, f = _ready(a, "cosine"), _ready(b, "cosine")
    d_a, d_b = rows_times_matrix(d_scores, f), columns_times(d_scores, e)
    keep_across[over(len(a))](a, e, d_a)
    keep_across[over(len(b))](b, f, d_b)
    return d_a, d_b


def _ready(rows: Any, metric: Metric) -> Any:
    """Rows of length 1 for cosine, the rows themselves otherwise."""
    if metric != "cosine":
        return rows
    unit = arrays.empty_like(rows)
    set_unit[over(len(rows))](rows, unit)
    return unit


def _scores(a: Any, b: Any, metric: Metric, sign: float) -> Any:
    """The scores [A, B] of rows that are ready; distances are multiplied by the sign."""
    if metric == "dot":
        return rows_times(a, b)
    scores = squares_between(a, b) if metric == "euclidean" else rows_times(a, b)
    flat, grid = scores.reshape(scores.size), blocks(scores.size)
    if metric == "euclidean":
        set_roots[grid, THREADS](np.float32(sign), flat)
    else:
        near = np.float32(1 - (a.shape[1] + 4) * 2.0**-23)
        set_cosines[grid, THREADS](a, b, near, flat)
    return scores


@kernel(F2, F2, F1)
def cosines(a: Any, b: Any, scores: Any) -> None:
    """Fill s_i = a_i'b_i / (|a_i| |b_i|); equal rows give exactly 1."""
    i = row_of_warp()
    ab, aa, bb = wide_dot(a, b, i), wide_dot(a, a, i), wide_dot(b, b, i)
    if i < len(a) and cuda.threadIdx.x == 0:
        zero = aa * bb == 0
        scores[i] = np.float32(0) if zero else np.float32(ab / math.sqrt(aa * bb))


@kernel(F1, F2, F2, F2, F2)
def cosines_back(d_scores: Any, a: Any, b: Any, d_a: Any, d_b: Any) -> None:
    """d_a = d_s (b / (|a| |b|) - s a / |a|^2), and the same the other way round."""
    i = row_of_warp()
    ab, aa, bb = wide_dot(a, b, i), wide_dot(a, a, i), wide_dot(b, b, i)
    if i < len(a):
        inverse = _inverse_root(aa * bb)
        scale = np.float64(d_scores[i]) * inverse
        along_a = ab / aa if inverse else np.float64(0)
        along_b = ab / bb if inverse else np.float64(0)
        for d in range(cuda.threadIdx.x, a.shape[1], LANES):
            x, y = np.float64(a[i, d]), np.float64(b[i, d])
            d_a[i, d] = np.float32(scale * (y - along_a * x))
            d_b[i, d] = np.float32(scale * (x - along_b * y))


@kernel(F2, F2)
def set_unit(rows: Any, unit: Any) -> None:
    """Rows of length 1; a row of zeros stays zeros."""
    i = row_of_warp()
    inverse = _inverse_root(wide_dot(rows, rows, i))
    if i < len(rows):
        for d in range(cuda.threadIdx.x, rows.shape[1], LANES):
            unit[i, d] = np.float32(np.float64(rows[i, d]) * inverse)


@kernel(F2, F2, F2)
def keep_across(rows: Any, unit: Any, d_unit: Any) -> None:
    """Make d_unit the gradient of rows: what is orthogonal to unit, / |row|; 0 for zeros."""
    i = row_of_warp()
    along, inverse = wide_dot(d_unit, unit, i), _inverse_root(wide_dot(rows, rows, i))
    if i < len(rows):
        for d in range(cuda.threadIdx.x, rows.shape[1], LANES):
            d_unit[i, d] = _across(d_unit[i, d], unit[i, d], along, inverse)


@inline
def _across(d: Any, e: Any, along: Any, inverse: Any) -> Any:
    return np.float32((np.float64(d) - along * np.float64(e)) * inverse)


@inline
def _inverse_root(x: Any) -> Any:
    """1 / sqrt(x), and 0 of 0."""
    return np.float64(1 / math.sqrt(x)) if x else np.float64(0)


@kernel(F2, F2, FLOAT, F1)
def set_cosines(a: Any, b: Any, near: Any, scores: Any) -> None:
    """Clip cosines that rounding left beyond 1, and make those of equal rows exactly 1."""
    place: Any = cuda.grid(1)
    if place < len(scores) and abs(scores[place]) > near:
        i, j, same, width = place // len(b), place % len(b), np.int64(0), a.shape[1]
        while same < width and a[i, same] == b[j, same]:
            same += 1
        score = min(max(scores[place], -_ONE), _ONE)
        scores[place] = _ONE if same == width else score


@kernel(FLOAT, F1)
def set_roots(sign: Any, squares: Any) -> None:
    """Replace each square x by sign * sqrt(x)."""
    i = cuda.grid(1)
    if i < len(squares):
        squares[i] = sign * np.float32(math.sqrt(squares[i]))
