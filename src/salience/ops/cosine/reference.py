"""cosine in NumPy, one line per equation."""

import numpy as np


def pairs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """s_i = a_i'b_i / (|a_i| |b_i|)."""
    scores = np.zeros(len(a), dtype=a.dtype)
    for i in range(len(a)):
        norms = np.sqrt((a[i] @ a[i]) * (b[i] @ b[i]))
        scores[i] = a[i] @ b[i] / norms if norms > 0 else 0
    return scores


def matrix(a: np.ndarray, b: np.ndarray, metric: str = "cosine") -> np.ndarray:
    """s_ij = a_i'b_j / (|a_i| |b_j|), a_i'b_j or |a_i - b_j|."""
    scores = np.zeros((len(a), len(b)), dtype=a.dtype)
    for i in range(len(a)):
        if metric == "cosine":
            scores[i] = pairs(np.broadcast_to(a[i], b.shape), b)
        elif metric == "dot":
            scores[i] = b @ a[i]
        else:
            scores[i] = np.sqrt(((a[i] - b) ** 2).sum(axis=1))
    return scores


def top_k(
    a: np.ndarray, b: np.ndarray, k: int, metric: str = "cosine"
) -> tuple[np.ndarray, np.ndarray]:
    """The k nearest of each row of s, the lower index first among equals."""
    scores = matrix(a, b, metric)
    order = scores if metric == "euclidean" else -scores
    indices = np.argsort(order, axis=1, kind="stable")[:, :k]
    return indices.astype(np.int64), np.take_along_axis(scores, indices, axis=1)


def backprop_pairs(
    d_scores: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """ds/da = b / (|a| |b|) - s a / |a|^2, and the same the other way round."""
    d_a, d_b = np.zeros_like(a), np.zeros_like(b)
    for i in range(len(a)):
        aa, bb, ab = a[i] @ a[i], b[i] @ b[i], a[i] @ b[i]
        if aa * bb > 0:
            norms = np.sqrt(aa * bb)
            d_a[i] = d_scores[i] / norms * (b[i] - ab / aa * a[i])
            d_b[i] = d_scores[i] / norms * (a[i] - ab / bb * b[i])
    return d_a, d_b


def backprop_matrix(
    d_scores: np.ndarray, a: np.ndarray, b: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Every row of a with every row of b, as pairs."""
    d_a, d_b = np.zeros_like(a), np.zeros_like(b)
    for i in range(len(a)):
        d_a_i, d_b_i = backprop_pairs(d_scores[i], np.broadcast_to(a[i], b.shape), b)
        d_a[i] = d_a_i.sum(axis=0)
        d_b += d_b_i
    return d_a, d_b
