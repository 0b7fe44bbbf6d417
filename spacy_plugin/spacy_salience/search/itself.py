"""A collection compared with itself: each item is its own nearest, or is left out.

An item is known by its place, and not by its score: equal vectors have the same
one, and a vector of zeros has a cosine of 0 with all, itself included.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from salience.ops.cosine import cpu
from salience.types import Floats, Ints, Metric

ITEMS_AT_ONCE = 4096
"""Items whose nearest are found together."""

SCORED_AT_ONCE = 64
"""Items that are compared with each other for the sake of each one's score with itself."""


class Collection(Protocol):
    """Vectors that can be searched, and be read again to search for them."""

    def rows(self, first: int, last: int) -> Floats:
        """Return vectors of the collection; first is where a batch of ITEMS_AT_ONCE begins."""
        ...

    def search_rows(self, rows: Floats, k: int) -> tuple[Ints, Floats]:
        """Return indices and scores [Q, k] of those nearest to what `rows` returned."""
        ...


def batches(count: int) -> Iterator[tuple[int, int]]:
    """Where so many items begin and end, ITEMS_AT_ONCE of them at a time."""
    return ((first, min(first + ITEMS_AT_ONCE, count)) for first in range(0, count, ITEMS_AT_ONCE))


def nearest_of_each(
    collection: Collection, count: int, k: int, metric: Metric, exclude_self: bool
) -> tuple[Ints, Floats]:
    """Return indices and scores [N, k] of the items nearest to each item of a collection.

    Each comes before its equals, or is left out, and k is at most what there is.
    """
    k = min(k, max(count - exclude_self, 0))
    indices, scores = np.empty((count, k), np.int64), np.empty((count, k), np.float32)
    for first, last in batches(count if k else 0):
        rows, places = collection.rows(first, last), np.arange(first, last)
        found = collection.search_rows(rows, k + exclude_self)
        if exclude_self:
            found = without_itself(found, places)
        else:
            found = before_equals(found, places, own_scores(rows, metric), metric)
        indices[first:last], scores[first:last] = found
    return indices, scores


def nearest_of_one(
    row: Floats, others: Floats, k: int, metric: Metric, place: Sequence[int], exclude_self: bool
) -> tuple[Ints, Floats]:
    """Return indices and scores [1, k] of those nearest to one, which is at this place, or none."""
    k = min(k, max(len(others) - exclude_self, 0))
    found = cpu.top_k(row, others, k + exclude_self, metric)
    places = np.array(place, dtype=np.int64)
    if exclude_self:
        return without_itself(found, places)
    return before_equals(found, places, own_scores(row, metric), metric) if place else found


def without_itself(found: tuple[Ints, Floats], places: Ints) -> tuple[Ints, Floats]:
    """Leave each query's own place out of its k + 1 nearest, or the last where it is not there."""
    indices, scores = found
    kept = indices != places[:, None]
    kept[kept.all(axis=1), -1] = False
    shape = len(indices), indices.shape[1] - 1
    return indices[kept].reshape(shape), scores[kept].reshape(shape)


def before_equals(
    found: tuple[Ints, Floats], places: Ints, own: Floats, metric: Metric
) -> tuple[Ints, Floats]:
    """Put each query's own place before what has the same score, also where it was not there."""
    indices = np.hstack([places[:, None], found[0]])
    scores = np.hstack([own[:, None], found[1]])
    rising = scores if metric == "euclidean" else -scores
    twice = indices == places[:, None]
    twice[:, 0] = False
    order = np.argsort(np.where(twice, np.inf, rising), axis=1, kind="stable")[:, :-1]
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(scores, order, axis=1)


def own_scores(rows: Floats, metric: Metric) -> Floats:
    """Return each row's score with itself [Q], in the bits that a search gives it."""
    parts = [rows[first : first + SCORED_AT_ONCE] for first in range(0, len(rows), SCORED_AT_ONCE)]
    return np.concatenate([np.diagonal(cpu.matrix(part, part, metric)) for part in parts])
