"""Many with many: matrices of similarity, and the nearest of a collection."""

from typing import Any, Literal, NamedTuple, TypeAlias, cast, overload

from salience import checks
from salience.errors import RangeError
from salience.types import Floats, Ints, Metric

from .vectors import Many, One, fitted, is_one, vector_as_row, vectors_of

Backend: TypeAlias = Literal["exact", "usearch"]

METRICS = ("cosine", "dot", "euclidean")
BACKENDS = ("exact", "usearch")


class Nearest(NamedTuple):
    """Places in the collection, nearest first, and scores: [Q, k], or [k] of one query."""

    indices: Ints
    scores: Floats


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: None = None, metric: Metric = "cosine"
) -> Floats: ...


@overload
def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int, metric: Metric = "cosine"
) -> Nearest: ...


def similarity_matrix(
    docs_a: Many, docs_b: Many | None = None, *, top_k: int | None = None, metric: Metric = "cosine"
) -> Floats | Nearest:
    """Compare many documents, spans or tokens with many, on all threads.

    s_ij = a_i'b_j / (|a_i| |b_j|), or a_i'b_j, or |a_i - b_j|

    Args:
        docs_a, docs_b: each any iterable of Doc, Span or Token, or an array
            [N, D] of floating-point numbers. Where docs_b is None, docs_a is
            compared with itself, and each item is among its own nearest.
        top_k: return only so many nearest of each, or all of docs_b where it
            has fewer; the whole matrix is never in memory then.
        metric: "cosine", "dot", or "euclidean", of which the smallest is nearest.

    Returns:
        s [A, B]; with top_k, Nearest(indices [A, k], scores [A, k]), equals in
        the order of docs_b. Between equal vectors a cosine is exactly 1 and a
        distance 0; a cosine with zeros, as of an empty document, is 0.

    Raises:
        AnnotationError: an item was not processed.
        ShapeError, DtypeError: vectors have another width, or hold no floats.
        RangeError: a number is not finite, or so large that a score might not
            be; top_k is below 1, or the metric unknown.
    """
    where = "similarity_matrix"
    checks.one_of(where, "metric", metric, METRICS)
    k = None if top_k is None else checks.at_least(where, "top_k", top_k, 1)
    a = vectors_of(where, "docs_a", docs_a, metric)
    b = a if docs_b is None else vectors_of(where, "docs_b", docs_b, metric)
    if b is not a:
        a = a if len(a) else fitted(where, "docs_a", a, b.shape[1])
        b = fitted(where, "docs_b", b, a.shape[1])
    from salience.ops.cosine import cpu  # numba is imported when it is needed

    if k is None:
        return cpu.matrix(a, b, metric)
    return Nearest(*cpu.top_k(a, b, min(k, len(b)), metric))


def nearest(query: One, docs: Many, k: int = 10, *, metric: Metric = "cosine") -> Nearest:
    """Find the k items nearest to one Doc, Span, Token or vector [D].

    Returns Nearest(indices [k], scores [k]), and raises, as similarity_matrix
    does. An Index is faster where one collection is searched many times.
    """
    where = "nearest"
    k = checks.at_least(where, "k", k, 1)
    if not is_one(query):
        raise RangeError(
            f"{where}: query must be one Doc, Span, Token or vector [D], got "
            f"{type(query).__name__}; of several, use similarity_matrix(..., top_k=k)"
        )
    checks.one_of(where, "metric", metric, METRICS)
    row = vector_as_row(where, "query", query, metric)
    others = fitted(where, "docs", vectors_of(where, "docs", docs, metric), row.shape[1])
    from salience.ops.cosine import cpu

    return _of_one(cpu.top_k(row, others, min(k, len(others)), metric))


class Index:
    """A collection that is searched many times: its vectors are prepared once.

    It keeps vectors, and nothing of the documents.

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
        vectors = vectors_of("Index", "docs", docs, metric)
        self.metric, self.backend = metric, backend
        self._count, self._width = len(vectors), int(vectors.shape[1])
        if backend == "usearch":
            from .ann import Graph

            self._search: Any = Graph(vectors, metric).search
        else:
            self._search = _exact(vectors, metric)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return self._count

    def nearest(self, queries: Many | One, k: int = 10) -> Nearest:
        """Find the k nearest of each query: [Q, k], or [k] of one Doc, Span, Token or vector [D].

        Raises as similarity_matrix does.
        """
        where = "Index.nearest"
        k = min(checks.at_least(where, "k", k, 1), len(self))
        if is_one(queries):
            row = vector_as_row(where, "queries", cast(One, queries), self.metric)
            return _of_one(self._search(self._fitted(row), k))
        rows = vectors_of(where, "queries", cast(Many, queries), self.metric)
        return Nearest(*self._search(self._fitted(rows), k))

    def _fitted(self, rows: Floats) -> Floats:
        return fitted("Index.nearest", "queries", rows, self._width) if len(self) else rows


def _exact(vectors: Floats, metric: Metric) -> Any:
    from salience.ops.cosine import cpu

    packed = cpu.pack(vectors, metric)
    return lambda queries, k: cpu.search(queries, packed, k)


def _of_one(found: tuple[Ints, Floats]) -> Nearest:
    indices, scores = found
    return Nearest(indices[0], scores[0])
