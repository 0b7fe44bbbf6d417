"""The items of a collection that are nearest to one item, or to each of its own."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

import numpy as np

from salience import checks
from salience.errors import RangeError
from salience.types import Floats, Ints, Metric

from ..annotations.similarity import Annotated
from ..annotations.stamps import OneModel
from .foreign import plain
from .stored import METRICS
from .vectors import (
    ANNOTATED,
    Many,
    One,
    fitted,
    is_one,
    moved,
    several,
    vector_as_row,
    vectors_of,
)


class Nearest(NamedTuple):
    """Places in the collection, nearest first, and scores: [Q, k], or [k] of one query."""

    indices: Ints
    scores: Floats


def nearest(
    query: One, docs: Many, k: int = 10, *, metric: Metric = "cosine", exclude_self: bool = False
) -> Nearest:
    """Find the k items nearest to one Doc, Span, Token or vector [D].

    A query that is itself one of docs comes before its equals, or is left out
    with exclude_self. This works for Docs, Spans and Tokens alone; to compare the rows of
    an array with each other, use similarity_matrix(vectors, top_k=k).

    Returns Nearest(indices [k], scores [k]). Raises as similarity_matrix does, and RangeError
    where exclude_self is asked for and query is none of docs. To search one collection many
    times, an Index is faster.
    """
    where = "nearest"
    k = checks.at_least(where, "k", k, 1)
    one = plain(where, "query", query)
    if not is_one(one):
        raise RangeError(
            f"{where}: query must be one Doc, Span, Token or vector [D], got "
            f"{type(query).__name__}; of several, use similarity_matrix(..., top_k=k)"
        )
    checks.one_of(where, "metric", metric, METRICS)
    models = OneModel(where)
    row = vector_as_row(where, "query", one, metric, models)
    space = models.space
    places: list[int] = []
    items = _watched(several(where, "docs", docs), one, places)
    vectors = vectors_of(where, "docs", items, metric, models)
    row = moved(where, "query", row, space, metric, models)
    others = fitted(where, "docs", vectors, row.shape[1])
    if exclude_self and not places:
        raise RangeError(
            f"{where}: exclude_self needs a query that is one of docs, a Doc, Span or Token "
            "that is also among them, and found none; without it, all of docs are others"
        )
    from . import itself

    found = itself.nearest_of_one(row, others, k, metric, places[:1], exclude_self)
    return of_one(found)


def _watched(docs: Many, query: One, places: list[int]) -> Many:
    """The same items; as they are read, the query's places among them are added to places."""
    if not isinstance(query, ANNOTATED) or (isinstance(docs, np.ndarray) and docs.dtype != object):
        return docs

    def items() -> Iterator[Annotated]:
        for place, item in enumerate(cast(Iterable[Annotated], docs)):
            if type(item) is type(query) and item == query:
                places.append(place)
            yield item

    return items()


def of_each(collection: Any, count: int, k: int, metric: Metric, exclude_self: bool) -> Nearest:
    """Return the k nearest of each of so many items of a collection, as nearest_of_each does."""
    from .itself import nearest_of_each  # numba is imported when it is needed

    return Nearest(*nearest_of_each(collection, count, k, metric, exclude_self))


def of_one(found: tuple[Ints, Floats]) -> Nearest:
    """Return the result for one query without the axis of queries."""
    indices, scores = found
    return Nearest(indices[0], scores[0])
