"""cosine in NumPy, one line an equation."""

import numpy as np


def pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = np.zeros(len(a), dtype=a.dtype)
    for i in range(len(a)):
        norms = np.sqrt((a[i] @ a[i]) * (b[i] @ b[i]))
        scores[i] = a[i] @ b[i] / norms if norms > 0 else 0
    return scores


def matrix(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """s_ij = a_i'b_j / (|a_i| |b_j|)."""
    scores = np.zeros((len(a), len(b)), dtype=a.dtype)
    for i in range(len(a)):
        scores[i] = pairs(np.broadcast_to(a[i], b.shape), b)
    return scores


def top_k(a: np.ndarray, b: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
    """The k highest of each row of s, the lower index first among equals."""
    scores = matrix(a, b)
    indices = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return indices.astype(np.int64), np.take_along_axis(scores, indices, axis=1)
