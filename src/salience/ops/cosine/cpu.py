"""cosine on the CPU."""

import numpy as np

from ...jit import F2, INT, OUT1, OUT2, OUT_I2, kernel
from ...types import Floats, Ints
from ..products import add_product
from ..reductions import LANES, dot

# A block of scores, ROWS x COLUMNS float32, stays in the level-2 cache.
ROWS, COLUMNS = 64, 2048


def pairs(a: Floats, b: Floats) -> Floats:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = np.empty(len(a), dtype=np.float32)
    cosines(a, b, np.empty(LANES, np.float32), scores)
    return scores


def matrix(a: Floats, b: Floats) -> Floats:
    """s_ij = a_i'b_j / (|a_i| |b_j|)."""
    scores = np.zeros((len(a), len(b)), dtype=np.float32)
    multiply(_unit(a), np.ascontiguousarray(_unit(b).T), scores)
    return scores


def top_k(a: Floats, b: Floats, k: int) -> tuple[Ints, Floats]:
    """The k highest of each row of s, block by block."""
    indices = np.zeros((len(a), k), dtype=np.int64)
    best = np.full((len(a), k), -np.inf, dtype=np.float32)
    a, b = _unit(a), _unit(b)
    for column in range(0, len(b), COLUMNS):
        part = np.ascontiguousarray(b[column : column + COLUMNS].T)
        for row in range(0, len(a), ROWS):
            rows = slice(row, row + ROWS)
            scores = np.zeros((len(a[rows]), part.shape[1]), dtype=np.float32)
            multiply(a[rows], part, scores)
            keep_highest(scores, column, indices[rows], best[rows])
    return indices, best


def _unit(vectors: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays zeros."""
    squares = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    norms = np.sqrt(np.where(squares > 0, squares, 1))
    return np.ascontiguousarray(vectors / norms[:, None], dtype=np.float32)


@kernel(F2, F2, OUT1, OUT1)
def cosines(a: Floats, b: Floats, lanes: Floats, scores: Floats) -> None:
    """In float64 from float32 sums, so that equal rows give exactly 1."""
    for i in range(len(a)):
        squares = np.float64(dot(a[i], a[i], lanes)) * np.float64(dot(b[i], b[i], lanes))
        product = np.float64(dot(a[i], b[i], lanes))
        scores[i] = np.float32(product / np.sqrt(squares)) if squares > 0 else np.float32(0)


@kernel(F2, F2, OUT2)
def multiply(a: Floats, b_t: Floats, scores: Floats) -> None:
    """Scores += a b_t, clipped to [-1, 1]; 256 columns at a time, so that they stay in cache."""
    rows, columns = scores.shape
    for low in range(0, columns, 256):
        high = min(low + 256, columns)
        add_product(a, (0, rows), (0, a.shape[1]), b_t, 0, (low, high), scores, 0, low)
    for i in range(rows):
        for j in range(columns):
            scores[i, j] = min(max(scores[i, j], np.float32(-1)), np.float32(1))


@kernel(F2, INT, OUT_I2, OUT2)
def keep_highest(scores: Floats, column: int, indices: Ints, best: Floats) -> None:
    """Insert each score into its row's k best, which are sorted downwards."""
    k = best.shape[1]
    for i in range(len(scores)):
        for j in range(scores.shape[1]):
            place = k
            while place > 0 and scores[i, j] > best[i, place - 1]:
                place -= 1
            for later in range(k - 1, place, -1):
                best[i, later], indices[i, later] = best[i, later - 1], indices[i, later - 1]
            if place < k:
                best[i, place], indices[i, place] = scores[i, j], column + j
