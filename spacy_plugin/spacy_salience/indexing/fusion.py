"""One score of two: how alike the vectors are, and which share of the question's words is there."""

from typing import Any, Literal, TypeAlias

import numpy as np

from salience.types import Floats

Only: TypeAlias = Literal["vectors", "words"]
ONLY: tuple[Only, ...] = ("vectors", "words")

WEIGHT_OF_COSINE = np.float32(0.65)
"""What the cosine weighs, chosen on development sets; the share of words weighs the rest."""


def fused(cosines: Any, shares: Any, only: Only | None = None) -> Any:
    """Return the scores of passages [N] for a question.

    score = w cos(q, p) + (1 - w) share(q, p), with w = WEIGHT_OF_COSINE

    Both numbers are on scales of their own that do not depend on the other passages, so that
    a convex combination of them keeps what ranks lose (Bruch, Gai and Ingber, An analysis of
    fusion functions for hybrid retrieval, 2023).
    """
    if only is not None:
        return cosines if only == "vectors" else shares
    return WEIGHT_OF_COSINE * cosines + (1 - WEIGHT_OF_COSINE) * shares


def best(scores: Floats, k: int) -> list[int]:
    """Return the places of the k highest scores above -inf, highest first, earlier first."""
    kept = np.flatnonzero(scores > -np.inf)
    k = min(k, len(kept))
    if not k:
        return []
    some = scores[kept]
    places = np.flatnonzero(some >= np.partition(some, -k)[-k])
    found: list[int] = kept[places[np.argsort(-some[places], kind="stable")]][:k].tolist()
    return found
