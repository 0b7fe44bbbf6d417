"""cosine on the CPU."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ...jit import F1, F2, INT, OUT1, OUT2, OUT_I2, inline, kernel
from ...types import Floats, Ints
from ..products import add_columns_times, add_rows_times

# A block of scores is ROWS x COLUMNS. It is computed in arrays of its own:
# rows of a large matrix lie a power of two apart, where caches keep few.
ROWS, COLUMNS = 512, 256


def pairs(a: Floats, b: Floats) -> Floats:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = np.empty(len(a), dtype=np.float32)
    cosines(a, b, scores)
    return scores


def matrix(a: Floats, b: Floats) -> Floats:
    """s_ij = a_i'b_j / (|a_i| |b_j|)."""
    scores = np.empty((len(a), len(b)), dtype=np.float32)
    for row, column, block in _blocks(a, b):
        scores[row : row + len(block), column : column + block.shape[1]] = block
    return scores


def top_k(a: Floats, b: Floats, k: int) -> tuple[Ints, Floats]:
    """The k highest of each row of s, block by block."""
    indices = np.zeros((len(a), k), dtype=np.int64)
    best = np.full((len(a), k), -np.inf, dtype=np.float32)
    for row, column, block in _blocks(a, b):
        rows = slice(row, row + len(block))
        keep_highest(block, column, indices[rows], best[rows])
    return indices, best


def backprop_pairs(d_scores: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """ds/da = b / (|a| |b|) - s a / |a|^2, and the same the other way round."""
    d_a, d_b = np.empty_like(a), np.empty_like(b)
    cosines_back(d_scores, a, b, d_a, d_b)
    return d_a, d_b


def backprop_matrix(d_scores: Floats, a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """With unit rows e of a and f of b: dL/de = dL/ds f, of which a gets what is across e."""
    (e, a_norms), (f, b_norms) = _unit(a), _unit(b)
    d_e, d_f = np.zeros_like(a), np.zeros_like(b)
    add_rows_times(d_scores, f, d_e)
    add_columns_times(d_scores, e, d_f)
    return _across(d_e, e, a_norms), _across(d_f, f, b_norms)


def _across(d_unit: Floats, unit: Floats, norms: NDArray[np.float64]) -> Floats:
    """The part of the gradient that changes a row's direction; nothing of a row of zeros."""
    along = np.einsum("nd,nd->n", d_unit, unit, dtype=np.float64)
    across = (d_unit - along[:, None] * unit) / norms[:, None]
    return np.where(unit.any(axis=1, keepdims=True), across, 0).astype(np.float32)


def _blocks(a: Floats, b: Floats) -> Iterator[tuple[int, int, Floats]]:
    """Yield the first row and column of each block of s, and the block."""
    (a, _), (b, _) = _unit(a), _unit(b)
    for column in range(0, len(b), COLUMNS):
        part = np.ascontiguousarray(b[column : column + COLUMNS].T)
        for row in range(0, len(a), ROWS):
            block = np.zeros((len(a[row : row + ROWS]), part.shape[1]), dtype=np.float32)
            add_rows_times(a[row : row + ROWS], part, block)
            yield row, column, np.clip(block, -1, 1, out=block)


def _unit(vectors: Floats) -> tuple[Floats, NDArray[np.float64]]:
    """Rows of length 1, and the lengths they had; a row of zeros stays zeros, of length 1."""
    squares = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    norms = np.sqrt(np.where(squares > 0, squares, 1))
    return np.ascontiguousarray(vectors / norms[:, None], dtype=np.float32), norms


@inline
def _products(a: Floats, b: Floats) -> tuple[float, float, float]:
    """a'b, a'a and b'b in float64, in which no float32 row over- or underflows."""
    ab = aa = bb = np.float64(0)
    for d in range(len(a)):
        x, y = np.float64(a[d]), np.float64(b[d])
        ab += x * y
        aa += x * x
        bb += y * y
    return ab, aa, bb


@kernel(F2, F2, OUT1)
def cosines(a: Floats, b: Floats, scores: Floats) -> None:
    """Equal rows give exactly 1."""
    for i in range(len(a)):
        ab, aa, bb = _products(a[i], b[i])
        zero = aa * bb == 0
        scores[i] = np.float32(0) if zero else np.float32(ab / np.sqrt(aa * bb))


@kernel(F1, F2, F2, OUT2, OUT2)
def cosines_back(d_scores: Floats, a: Floats, b: Floats, d_a: Floats, d_b: Floats) -> None:
    """d_a = d_s (b / (|a| |b|) - s a / |a|^2), and the same the other way round."""
    for i in range(len(a)):
        ab, aa, bb = _products(a[i], b[i])
        zero = aa * bb == 0
        scale = 0.0 if zero else d_scores[i] / np.sqrt(aa * bb)
        along_a, along_b = (0.0, 0.0) if zero else (ab / aa, ab / bb)
        for d in range(a.shape[1]):
            d_a[i, d] = scale * (b[i, d] - along_a * a[i, d])
            d_b[i, d] = scale * (a[i, d] - along_b * b[i, d])


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
