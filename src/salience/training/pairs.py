"""Losses for a student of pairs of texts, each with its gradient.

P pairs of texts a and b, whose vectors' directions are u and v [P, D].
"""

import numpy as np
from numpy.typing import NDArray

from ..ops import affine, backprop_affine
from ..types import Floats, Ints
from .objectives import NEVER


def regression(u: Floats, v: Floats, wanted: Floats) -> tuple[float, Floats, Floats]:
    """The loss of the wanted cosines.

    L = mean_p (u_p . v_p - y_p)^2

    Returns L, dL/du and dL/dv [P, D].
    """
    apart = np.einsum("pd,pd->p", u, v) - wanted
    d_cosines = (apart * np.float32(2 / max(len(u), 1)))[:, None]
    return float(np.square(apart).mean()), d_cosines * v, d_cosines * u


def contrast(
    u: Floats, v: Floats, anchors: Ints, targets: Ints, alike: Floats, temperature: float
) -> tuple[float, Floats, Floats]:
    """The loss of texts of a pair being nearer to each other than to others of the batch.

    L = mean_p -log(exp(u_p . w_p / T) / (exp(u_p . w_p / T) + sum_q exp(u_p . v_q / T)))

    over the pairs p that are alike, with w_p = v_p; q are the pairs whose b is neither
    the a of p nor known to be like it. So the b of a pair that is not alike is a negative
    for every a, and a hard one for its own. An a that has no like text in the batch counts
    as like itself, w_p = u_p: the negatives move away from it.

    Args:
        u, v: directions [P, D].
        anchors, targets: numbers of the texts a and b [P]; equal ones are the same text.
        alike: 1 for a pair of like texts, 0 for one that is not [P].
        temperature: T, above 0.

    Returns L, dL/du and dL/dv. Source: Henderson et al., Efficient Natural
    Language Response Suggestion, 2017 (negatives of the batch); Gao et al.,
    SimCSE, 2021 (hard negatives, temperature).
    """
    known = (alike > 0) & (anchors[:, None] == anchors)
    lonely = ~known.any(axis=1)
    scores = affine(u, v) / np.float32(temperature)
    own = np.where(lonely, np.float32(1 / temperature), np.diagonal(scores))
    scores[_like(anchors, targets, alike)] = NEVER
    highest = np.maximum(scores.max(axis=1), own)
    others, first = np.exp(scores - highest[:, None]), np.exp(own - highest)
    total = others.sum(axis=1) + first
    counted = (alike > 0) | lonely
    weights = counted.astype(np.float32) / np.float32(max(int(counted.sum()), 1))
    d_scores = others * (weights / total)[:, None]
    d_own = np.where(lonely, 0, weights * (first / total - 1))
    d_scores[np.diag_indices_from(d_scores)] += d_own
    d_scores /= np.float32(temperature)
    d_u, d_v, _ = backprop_affine(d_scores, u, v)
    return float((np.log(total) + highest - own) @ weights), d_u, d_v


def _like(anchors: Ints, targets: Ints, alike: Floats) -> NDArray[np.bool_]:
    """Whether the text a of each pair is known to be like the text b of each, or is the same."""
    good, count = alike > 0, 1 + max(anchors.max(), targets.max())
    one, other = anchors[good], targets[good]
    known = np.concatenate([one * count + other, other * count + one])
    alike_too = np.isin(anchors[:, None] * count + targets, known)
    return np.asarray(alike_too | (anchors[:, None] == targets))
