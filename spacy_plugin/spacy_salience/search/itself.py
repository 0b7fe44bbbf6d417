"""A collection compared with itself: each item is its own nearest, or is left out.

An item is recognised by its place, as its score does not tell: equal vectors have the
same score, and a vector of zeros has a cosine of 0 with all, itself included.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from salience.ops.cosine import cpu
from salience.types import Floats, Ints, Metric

ITEMS_AT_ONCE = 4096
"""Items whose nearest are found together."""

SCORED_AT_ONCE = 64
"""Items whose scores with themselves are found together, as the diagonal of a matrix."""


class Collection(Protocol):
    """Vectors that can be searched, and read back as queries."""

    def rows(self, first: int, last: int) -> Floats:
        """Return vectors of the collection; first is a multiple of ITEMS_AT_ONCE."""
        ...

    def search_rows(self, rows: Floats, k: int) -> tuple[Ints, Floats]:
        """Return indices and scores [Q, k] of those nearest to rows that `rows` returned."""
        ...


def batches(count: int) -> Iterator[tuple[int, int]]:
    """The first place of each batch of ITEMS_AT_ONCE items, and one past its last."""
    return ((first, min(first + ITEMS_AT_ONCE, count)) for first in range(0, count, ITEMS_AT_ONCE))


def nearest_of_each(
    collection: Collection, count: int, k: int, metric: Metric, exclude_self: bool
) -> tuple[Ints, Floats]:
    """Return indices and scores [N, k] of the items nearest to each item of a collection.

    Each item comes before its equals, or is left out; k becomes at most the number of items.
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
    """Return indices and scores [1, k] of those nearest to row; place is [its own], or []."""
    k = min(k, max(len(others) - exclude_self, 0))
    found = cpu.top_k(row, others, k + exclude_self, metric)
    places = np.array(place, dtype=np.int64)
    if exclude_self:
        return without_itself(found, places)
    return before_equals(found, places, own_scores(row, metric), metric) if place else found


def without_itself(found: tuple[Ints, Floats], places: Ints) -> tuple[Ints, Floats]:
    """Leave each query's own place out of its k + 1 nearest, or else the last of them."""
    indices, scores = found
    kept = indices != places[:, None]
    kept[kept.all(axis=1), -1] = False
    shape = len(indices), indices.shape[1] - 1
    return indices[kept].reshape(shape), scores[kept].reshape(shape)


def before_equals(
    found: tuple[Ints, Floats], places: Ints, own: Floats, metric: Metric
) -> tuple[Ints, Floats]:
    """Put each query's own place before others of its score, also where it was not found."""
    indices = np.hstack([places[:, None], found[0]])
    scores = np.hstack([own[:, None], found[1]])
    rising = scores if metric == "euclidean" else -scores
    twice = indices == places[:, None]
    twice[:, 0] = False
    order = np.argsort(np.where(twice, np.inf, rising), axis=1, kind="stable")[:, :-1]
    return np.take_along_axis(indices, order, axis=1), np.take_along_axis(scores, order, axis=1)


def own_scores(rows: Floats, metric: Metric) -> Floats:
    """Return each row's score with itself [Q], with the bits that a search gives."""
    step = SCORED_AT_ONCE
    some = [rows[first : first + step] for first in range(0, len(rows), step)]
    return np.concatenate([np.diagonal(cpu.matrix(each, each, metric)) for each in some])
