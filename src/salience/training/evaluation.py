"""Figures of merit."""

from collections.abc import Collection, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import checks
from ..errors import RangeError, ShapeError


def spearman(a: ArrayLike, b: ArrayLike) -> float:
    """Return Spearman's rank correlation: Pearson's of the ranks, ties sharing a mean rank.

    Raises ShapeError where there are fewer than two pairs or the lengths differ,
    RangeError where a list holds one number only.
    """
    first, second = _ranks(np.asarray(a)), _ranks(np.asarray(b))
    if len(first) != len(second) or len(first) < 2:
        raise ShapeError(
            f"spearman: expected two lists of one length of at least 2, "
            f"got {len(first)} and {len(second)}"
        )
    if first.std() == 0 or second.std() == 0:
        raise RangeError("spearman: expected numbers that differ, got a list of equal ones")
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, places, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[places]


def average_precision(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return how well scores [N] put the positive of the labels [N] in front, from 0 to 1.

    AP = sum_n (R_n - R_{n-1}) P_n

    P_n and R_n are precision and recall of all that scores at least the n-th
    highest score; equal scores come in together.

    Raises ShapeError where the lengths differ, RangeError where labels are not
    0 and 1, both of them, or a score is not finite.

    Source: Manning et al., Introduction to Information Retrieval, 2008, chapter
    8.4, without interpolation.
    """
    positive, given = _labelled("average_precision", labels, scores)
    order = np.argsort(-given, kind="stable")
    last = np.append(np.diff(given[order]) != 0, True)  # of each run of equal scores
    hits = np.cumsum(positive[order])[last]
    precision = hits / (np.flatnonzero(last) + 1)
    return float(np.diff(hits, prepend=0) @ precision / hits[-1])


def area_under_curve(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the area under the ROC curve of scores [N] for the labels [N], from 0 to 1.

    AUC = P(s_i > s_j) + P(s_i = s_j) / 2 for a positive i and a negative j

    Raises what average_precision raises. Source: Hanley and McNeil, The Meaning and Use of the
    Area under a Receiver Operating Characteristic Curve, 1982.
    """
    positive, given = _labelled("area_under_curve", labels, scores)
    ones = positive.sum()
    above = _ranks(given)[positive == 1].sum() - (ones + 1) * ones / 2
    return float(above / (ones * (len(positive) - ones)))


def best_threshold(labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the threshold above which scores [N] agree best with the labels [N].

    It lies half-way between two scores; where several are as good it is the lowest. Raises
    what average_precision raises.
    """
    positive, given = _labelled("best_threshold", labels, scores)
    order = np.argsort(given, kind="stable")
    values, ones = given[order], positive[order]
    right = ones.sum() - np.cumsum(ones) + np.cumsum(1 - ones)  # the first n + 1 taken for 0
    right[:-1][np.diff(values) == 0] = -1  # equal scores cannot be parted
    best = int(np.argmax(right))
    if right[best] <= ones.sum():
        return float(values[0]) - 1.0
    return float(values[best : best + 2].mean()) if best + 1 < len(values) else float(values[-1])


def accuracy_above(threshold: float, labels: ArrayLike, scores: ArrayLike) -> float:
    """Return the share of labels [N] that are 1 where the score is above a threshold, else 0.

    Raises what average_precision raises.
    """
    positive, given = _labelled("accuracy_above", labels, scores)
    return float(((given > threshold) == (positive == 1)).mean())


def recall_at_k(ranks: ArrayLike, k: int) -> float:
    """Return the share of questions whose answer is among the first k.

    recall@k = (1/Q) sum_q [r_q <= k]

    ranks [Q] are the places r_q of the first right answer, from 1.

    Raises RangeError where there are none, one is below 1, or k is.
    """
    k = checks.at_least("recall_at_k", "k", k, 1)
    return float((_places("recall_at_k", ranks) <= k).mean())


def reciprocal_rank(ranks: ArrayLike) -> float:
    """Return the mean reciprocal rank, MRR = (1/Q) sum_q 1 / r_q.

    ranks [Q] are the places r_q of the first right answer, from 1.

    Raises RangeError where there are none, or one is below 1.

    Source: Voorhees, The TREC-8 Question Answering Track Report, 1999.
    """
    return float((1 / _places("reciprocal_rank", ranks)).mean())


def ndcg_at_k(gains: ArrayLike, k: int) -> float:
    """Return how well a ranking puts the best in front, from 0 to 1; 0 where nothing is good.

    nDCG@k = DCG(g) / DCG(g sorted, largest first), DCG(g) = sum_{i <= k} g_i / log2(i + 1)

    gains [N] are the grades of all N that are ranked, in their ranking's order.

    Raises RangeError where k is below 1, or a gain is below 0 or not finite.

    Source: Järvelin and Kekäläinen, Cumulated gain-based evaluation of IR techniques, 2002.
    """
    k = checks.at_least("ndcg_at_k", "k", k, 1)
    given = np.asarray(gains, dtype=np.float64)
    if not (np.isfinite(given) & (given >= 0)).all():
        raise RangeError("ndcg_at_k: expected gains of at least 0, got others; mend them")
    discounts = np.log2(np.arange(2, 2 + min(k, len(given))))
    best = float((np.sort(given)[::-1][:k] / discounts).sum())
    return float((given[:k] / discounts).sum()) / best if best else 0.0


def precision_at_k(found: Sequence[str], wanted: Collection[str], k: int) -> float:
    """Return the share of the first k found that are wanted, P@k = |found[:k] in wanted| / k.

    Where fewer than k are found, the places that stay empty count as wrong.

    Raises RangeError where k is below 1, or something is found twice.
    """
    k = checks.at_least("precision_at_k", "k", k, 1)
    first = found[:k]
    if len(set(first)) < len(first):
        raise RangeError("precision_at_k: expected all that is found to differ, got one twice")
    return sum(each in wanted for each in first) / k


def _labelled(
    where: str, labels: ArrayLike, scores: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    positive, given = np.asarray(labels).astype(np.float64), np.asarray(scores, dtype=np.float64)
    if positive.ndim != 1 or positive.shape != given.shape:
        raise ShapeError(
            f"{where}: expected labels and scores of one length, got the shapes "
            f"{list(positive.shape)} and {list(given.shape)}"
        )
    if set(positive.tolist()) != {0, 1}:
        found = sorted(set(positive.tolist()))[:5]
        raise RangeError(f"{where}: expected the labels 0 and 1, got {found}")
    if not np.isfinite(given).all():
        raise RangeError(f"{where}: expected finite scores, got NaN or infinity")
    return positive, given


def _places(where: str, ranks: ArrayLike) -> NDArray[np.float64]:
    places = np.asarray(ranks, dtype=np.float64)
    if not places.size or not places.min() >= 1:
        raise RangeError(f"{where}: expected at least one rank, each from 1, got {ranks!r:.60}")
    return places
