"""What a student of pairs of texts is asked for: losses, each with its gradient.

P pairs of texts a and b, whose vectors' directions are u and v [P, D].
"""

import numpy as np

from ..types import Floats, Ints
from .objectives import NEVER


def regression(u: Floats, v: Floats, wanted: Floats) -> tuple[float, Floats, Floats]:
    """Ask for these cosines.

    L = mean_p (u_p . v_p - y_p)^2

    Returns L, dL/du and dL/dv [P, D].
    """
    apart = np.einsum("pd,pd->p", u, v) - wanted
    d_cosines = (apart * np.float32(2 / max(len(u), 1)))[:, None]
    return float(np.square(apart).mean()), d_cosines * v, d_cosines * u


def contrast(
    u: Floats, v: Floats, anchors: Ints, alike: Floats, temperature: float
) -> tuple[float, Floats, Floats]:
    """Ask each pair's texts to be nearer to each other than to any other text of the batch.

    L = mean_p -log(exp(u_p . w_p / T) / sum_q exp(u_p . w_q / T)), q over p and
    the pairs of other anchors, and those of its own that are not alike

    w_p is v_p. The b of a pair that is not alike is a candidate for everyone,
    and the hardest for its own a. An a that is alike to none in the batch is
    alike to itself: its own negatives move away from it.

    Args:
        u, v: directions [P, D].
        anchors: equal numbers for pairs of the same a [P].
        alike: 1 for a pair of like texts, 0 for one that is not [P].
        temperature: T, above 0.

    Returns L, dL/du and dL/dv. Source: Henderson et al., Efficient Natural
    Language Response Suggestion, 2017 (negatives of the batch); Gao et al.,
    SimCSE, 2021 (hard negatives, temperature).
    """
    same = anchors[:, None] == anchors[None]
    scores = u @ v.T / np.float32(temperature)
    scores[same & (alike[None] > 0) & ~np.eye(len(u), dtype=bool)] = NEVER
    lonely = ~(same & (alike[None] > 0)).any(axis=1)
    own = np.where(lonely, np.float32(1 / temperature), np.diagonal(scores))
    counts = (alike > 0) | lonely
    top = np.maximum(scores.max(axis=1), own)
    shares = np.exp(scores - top[:, None])
    extra = np.where(lonely, np.exp(own - top), 0)
    total = shares.sum(axis=1) + extra
    losses = np.log(total) + top - own
    weight = (counts / max(np.count_nonzero(counts), 1)).astype(np.float32)
    d_scores = shares / total[:, None] * weight[:, None]
    d_scores[np.diag_indices_from(d_scores)] -= np.where(lonely, 0, weight)
    d_scores /= np.float32(temperature)
    return float(losses @ weight), d_scores @ v, d_scores.T @ u
