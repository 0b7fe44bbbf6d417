"""cosine on the CPU."""

from collections.abc import Iterator

import numpy as np

from ...jit import F2, INT, OUT1, OUT2, OUT_I2, kernel
from ...types import Floats, Ints
from ..products import add_rows_times

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


def _blocks(a: Floats, b: Floats) -> Iterator[tuple[int, int, Floats]]:
    """Yield the first row and column of each block of s, and the block."""
    a, b = _unit(a), _unit(b)
    for column in range(0, len(b), COLUMNS):
        part = np.ascontiguousarray(b[column : column + COLUMNS].T)
        for row in range(0, len(a), ROWS):
            block = np.zeros((len(a[row : row + ROWS]), part.shape[1]), dtype=np.float32)
            add_rows_times(a[row : row + ROWS], part, block)
            yield row, column, np.clip(block, -1, 1, out=block)


def _unit(vectors: Floats) -> Floats:
    """Rows of length 1; a row of zeros stays zeros."""
    squares = np.einsum("nd,nd->n", vectors, vectors, dtype=np.float64)
    norms = np.sqrt(np.where(squares > 0, squares, 1))
    return np.ascontiguousarray(vectors / norms[:, None], dtype=np.float32)


@kernel(F2, F2, OUT1)
def cosines(a: Floats, b: Floats, scores: Floats) -> None:
    """In float64, in which no float32 row over- or underflows and equal rows give exactly 1."""
    for i in range(len(a)):
        ab = aa = bb = np.float64(0)
        for d in range(a.shape[1]):
            x, y = np.float64(a[i, d]), np.float64(b[i, d])
            ab += x * y
            aa += x * x
            bb += y * y
        squares = aa * bb
        scores[i] = np.float32(ab / np.sqrt(squares)) if squares > 0 else np.float32(0)


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
