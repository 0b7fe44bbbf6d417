"""Many with many: matrices of similarity, and the nearest of a collection."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias, cast, overload

import numpy as np

from salience import checks, room
from salience.errors import RangeError, WeightsError
from salience.types import Floats, Ints, Metric

from ..annotations.similarity import Annotated
from ..annotations.stamps import OneModel
from . import stored
from .foreign import plain
from .stored import BACKENDS, METRICS, State
from .vectors import ANNOTATED, Many, One, fitted, is_one, several, vector_as_row, vectors_of

Backend: TypeAlias = Literal["exact", "usearch"]

MUCH = 2**26
"""Bytes of scores from which on the memory that is free is asked for."""


class Nearest(NamedTuple):
    """Places in the collection, nearest first, and scores: [Q, k], or [k] of one query."""

    indices: Ints
    scores: Floats


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: None = None, metric: Metric = "cosine",
    exclude_self: bool = False,
) -> Floats: ...  # fmt: skip


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int, metric: Metric = "cosine",
    exclude_self: bool = False,
) -> Nearest: ...  # fmt: skip


def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int | None = None,
    metric: Metric = "cosine", exclude_self: bool = False,
) -> Floats | Nearest:  # fmt: skip
    """Compare many documents, spans or tokens with many, on all threads.

    s_ij = a_i'b_j / (|a_i| |b_j|), or a_i'b_j, or |a_i - b_j|

    Args:
        docs_a, docs_b: each any iterable of Doc, Span, Token or vector [D], or an
            array [N, D] of floating-point numbers, as a list, a table or a column
            of pandas, polars or pyarrow, or a tensor too. Places are counted from
            0, whatever index a table has. Where docs_b is None, docs_a is
            compared with itself; with top_k each item comes first then, before
            its equals. By "dot" others may be nearer to an item than itself,
            and it comes before those of the same score.
        top_k: return only so many nearest of each, or all of docs_b where it
            has fewer; the whole matrix is never in memory then.
        metric: "cosine", "dot", or "euclidean", of which the smallest is nearest.
        exclude_self: of top_k, leave each item out of its own nearest, and
            no other that equals it: k others then, or all where there are fewer.

    Returns:
        s [A, B]; with top_k, Nearest(indices [A, k], scores [A, k]), equals in
        the order of docs_b. Between equal vectors a cosine is exactly 1 and a
        distance 0; a cosine with zeros, as of an empty document, is 0.

    Raises:
        AnnotationError: an item was not processed, or items are of two models.
        ShapeError, DtypeError: vectors have another width, or hold no floats.
        RangeError: a number is not finite, or so large that a score might not
            be; top_k is below 1, or the metric unknown; exclude_self is asked
            for with docs_b or without top_k; the whole matrix does not fit into
            the memory that is free.
    """
    where = "similarity_matrix"
    checks.one_of(where, "metric", metric, METRICS)
    k = None if top_k is None else checks.at_least(where, "top_k", top_k, 1)
    if exclude_self:
        _check_excludes(docs_b, k)
    models = OneModel(where)
    a = vectors_of(where, "docs_a", docs_a, metric, models)
    # The same generator would be at its end.
    same = docs_b is None or docs_b is docs_a
    b = a if same else vectors_of(where, "docs_b", cast(Many, docs_b), metric, models)
    if b is not a:
        a = a if len(a) else fitted(where, "docs_a", a, b.shape[1])
        b = fitted(where, "docs_b", b, a.shape[1])
    from salience.ops.cosine import cpu  # numba is imported when it is needed

    columns = len(b) if k is None else min(k, len(b))
    with _in_memory(len(a), columns, 4 if k is None else 12):
        if k is None:
            return cpu.matrix(a, b, metric)
        if docs_b is None:
            return _of_each(_exact(a, metric), len(a), k, metric, exclude_self)
        return Nearest(*cpu.top_k(a, b, columns, metric))


def nearest(
    query: One, docs: Many, k: int = 10, *, metric: Metric = "cosine", exclude_self: bool = False
) -> Nearest:
    """Find the k items nearest to one Doc, Span, Token or vector [D].

    A query that is itself one of docs comes before its equals, or is left out
    with exclude_self. A row of an array is not known to be one: an array is
    compared with itself by similarity_matrix(vectors, top_k=k).

    Returns Nearest(indices [k], scores [k]), and raises, as similarity_matrix
    does; RangeError too where exclude_self is asked for and query is none of
    docs. An Index is faster where one collection is searched many times.
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
    places: list[int] = []
    items = _watched(several(where, "docs", docs), one, places)
    vectors = vectors_of(where, "docs", items, metric, models)
    others = fitted(where, "docs", vectors, row.shape[1])
    if exclude_self and not places:
        raise RangeError(
            f"{where}: exclude_self needs a query that is one of docs, a Doc, Span or Token "
            "that is also among them, and found none; without it, all of docs are others"
        )
    from . import itself

    found = itself.nearest_of_one(row, others, k, metric, places[:1], exclude_self)
    return _of_one(found)


def _watched(docs: Many, query: One, places: list[int]) -> Many:
    """The same items, which note the query's places among them on their way."""
    if not isinstance(query, ANNOTATED) or (isinstance(docs, np.ndarray) and docs.dtype != object):
        return docs

    def items() -> Iterator[Annotated]:
        for place, item in enumerate(cast(Iterable[Annotated], docs)):
            if type(item) is type(query) and item == query:
                places.append(place)
            yield item

    return items()


class Index:
    """A collection that is searched many times: its vectors are prepared once.

    It keeps vectors, and nothing of the documents. It can be pickled and sent to
    other processes, and saved and loaded: index.to_disk(path), Index.from_disk(path).

    Args:
        docs, metric: as similarity_matrix takes them.
        backend: "exact" compares a query with all. "usearch", for millions,
            walks a graph of neighbours (Malkov and Yashunin, Efficient and
            robust approximate nearest neighbor search, 2018) and may miss
            some; the scores of what it finds are exact. It comes with
            `pip install 'salience[ann]'`.

    Raises:
        MissingPackageError: usearch is not installed.
        AnnotationError, ShapeError, DtypeError, RangeError: as similarity_matrix.
    """

    def __init__(
        self, docs: Many, *, metric: Metric = "cosine", backend: Backend = "exact"
    ) -> None:
        checks.one_of("Index", "metric", metric, METRICS)
        checks.one_of("Index", "backend", backend, BACKENDS)
        models = OneModel("Index")
        vectors = vectors_of("Index", "docs", docs, metric, models)
        self._model = models.model
        self.metric, self.backend = metric, backend
        self._count, self._width = len(vectors), int(vectors.shape[1])
        if backend == "usearch":
            from .ann import Graph

            self._collection: Any = Graph(vectors, metric)
        else:
            self._collection = _exact(vectors, metric)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return self._count

    def nearest(
        self, queries: Many | One | None = None, k: int = 10, *, exclude_self: bool = False
    ) -> Nearest:
        """Find the k nearest of each query: [Q, k], or [k] of one Doc, Span, Token or vector [D].

        Where queries is None they are the collection itself, of which each
        item comes before its equals, or is left out with exclude_self, as
        similarity_matrix says. Queries that are given are others, unless
        exclude_self says that they are the same items in the same order.

        Raises as similarity_matrix does; RangeError too where exclude_self is
        asked for and queries are not the collection.
        """
        where = "Index.nearest"
        k = checks.at_least(where, "k", k, 1)
        queries = None if queries is None else plain(where, "queries", queries)
        if exclude_self and queries is not None:
            self._check_same(queries)
        if queries is None or exclude_self:
            return _of_each(self._collection, len(self), k, self.metric, exclude_self)
        k, models = min(k, len(self)), OneModel(where, self._model)
        if is_one(queries):
            row = vector_as_row(where, "queries", cast(One, queries), self.metric, models)
            return _of_one(self._collection.search(self._fitted(row), k))
        rows = vectors_of(where, "queries", cast(Many, queries), self.metric, models)
        return Nearest(*self._collection.search(self._fitted(rows), k))

    def to_disk(self, path: str | Path) -> None:
        """Write the index to a file with a digest, whole or not at all."""
        stored.write(self.__getstate__(), Path(path))

    @classmethod
    def from_disk(cls, path: str | Path) -> "Index":
        """Return the index that to_disk wrote to this file, which finds the same.

        Raises WeightsError where the file is missing, damaged or no Index, and
        MissingPackageError where it is one of usearch, which is not installed.
        """
        index = cls.__new__(cls)
        state = stored.read(Path(path))
        try:
            index.__setstate__(state)
        except WeightsError as error:
            raise WeightsError(f"{path}: {error}; make it again, Index(docs)") from error
        return index

    def __getstate__(self) -> State:
        """Return what it is pickled and saved by, which depends on no processor."""
        array = self._collection.array
        return State(self.metric, self.backend, self._count, self._width, array, self._model)

    def __setstate__(self, state: State) -> None:
        """Become the index of this state."""
        self.metric, self.backend = state.metric, cast(Backend, state.backend)
        self._count, self._width = state.rows, state.width
        self._model = state.model
        self._collection = stored.collection_of(state)

    def _check_same(self, queries: Many | One) -> None:
        advice = (
            "Index.nearest: exclude_self needs queries that are the collection's items in their "
            "order, got {}; leave them out, nearest(k=k, exclude_self=True), or search without it"
        )
        if is_one(queries):
            raise RangeError(advice.format("one query, whose place is not known"))
        rows = vectors_of("Index.nearest", "queries", cast(Many, queries), self.metric)
        if len(rows) != len(self):
            raise RangeError(advice.format(f"{len(rows)} of {len(self)}"))
        if not self._collection.holds(self._fitted(rows)):
            raise RangeError(advice.format("other vectors"))

    def _fitted(self, rows: Floats) -> Floats:
        return fitted("Index.nearest", "queries", rows, self._width) if len(self) else rows


@contextmanager
def _in_memory(rows: int, columns: int, size: int) -> Iterator[None]:
    """Refuse scores that the memory has no room for, which the system would end the process for."""
    needed = rows * columns * size
    free = room.free() if needed > MUCH else None
    advice = (
        f"similarity_matrix: {rows} x {columns} scores need {needed / 1e9:,.1f} GB of memory, more "
        "than is free; ask for the nearest of each only, top_k=10, or search part after part, "
        "Index(docs_b).nearest(part, k)"
    )
    if free is not None and needed > free:
        raise RangeError(advice)
    try:
        yield
    except MemoryError as error:
        raise RangeError(advice) from error


def _exact(vectors: Floats, metric: Metric) -> Any:
    from .exact import Exact  # numba is imported when it is needed

    return Exact(vectors, metric)


def _of_each(collection: Any, count: int, k: int, metric: Metric, exclude_self: bool) -> Nearest:
    from .itself import nearest_of_each

    return Nearest(*nearest_of_each(collection, count, k, metric, exclude_self))


def _check_excludes(docs_b: Many | None, k: int | None) -> None:
    if docs_b is not None:
        raise RangeError(
            "similarity_matrix: exclude_self needs one collection that is compared with itself, "
            "got docs_b, whose items are none of docs_a's; leave out docs_b or exclude_self"
        )
    if k is None:
        raise RangeError(
            "similarity_matrix: exclude_self leaves each item out of its nearest and needs "
            "top_k; of the whole matrix, numpy.fill_diagonal sets what is on the diagonal"
        )


def _of_one(found: tuple[Ints, Floats]) -> Nearest:
    indices, scores = found
    return Nearest(indices[0], scores[0])
