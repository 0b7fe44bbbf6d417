"""An index: a collection that is searched many times, and can be saved."""

from pathlib import Path
from typing import Literal, TypeAlias, cast

from salience import checks
from salience.errors import AnnotationError, RangeError, WeightsError
from salience.types import Floats, Metric

from ..annotations.stamps import OneModel
from . import stored
from .foreign import plain
from .nearest import Nearest, of_each, of_one
from .stored import BACKENDS, METRICS, State
from .vectors import Many, One, fitted, is_one, vector_as_row, vectors_of

Backend: TypeAlias = Literal["exact", "usearch"]


class Index:
    """A collection that is searched many times: its vectors are prepared once.

    It keeps vectors, and nothing of the documents. Where their model ends in a projection,
    they are in the document space; or, where all are Tokens, in the token space, and then
    queries must be Tokens too. It can be pickled and sent to
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
        self._model, self._space = models.model, models.space
        self.metric, self.backend = metric, backend
        self._count, self._width = len(vectors), int(vectors.shape[1])
        self._collection = stored.collection_of_vectors(vectors, metric, backend)

    def __len__(self) -> int:
        """Return how many vectors there are."""
        return self._count

    def nearest(
        self, queries: Many | One | None = None, k: int = 10, *, exclude_self: bool = False
    ) -> Nearest:
        """Find the k nearest of each query: [Q, k], or [k] of one Doc, Span, Token or vector [D].

        Where queries is None, they are the collection itself: each item comes before its
        equals, or is left out with exclude_self, as in similarity_matrix. Queries that are
        given are taken for other items; with exclude_self they must be the collection's
        items in their order.

        Raises as similarity_matrix does; RangeError too where exclude_self is
        asked for and queries are not the collection.
        """
        where = "Index.nearest"
        k = checks.at_least(where, "k", k, 1)
        queries = None if queries is None else plain(where, "queries", queries)
        if exclude_self and queries is not None:
            self._check_same(queries)
        if queries is None or exclude_self:
            return of_each(self._collection, len(self), k, self.metric, exclude_self)
        k, models = min(k, len(self)), OneModel(where, self._model, self._space)
        if is_one(queries):
            row = vector_as_row(where, "queries", cast(One, queries), self.metric, models)
            self._check_space(models)
            return of_one(self._collection.search(self._fitted(row), k))
        rows = vectors_of(where, "queries", cast(Many, queries), self.metric, models)
        self._check_space(models)
        return Nearest(*self._collection.search(self._fitted(rows), k))

    def to_disk(self, path: str | Path) -> None:
        """Write the index to a file with a digest, whole or not at all."""
        stored.write(self.__getstate__(), Path(path))

    @classmethod
    def from_disk(cls, path: str | Path) -> "Index":
        """Return the index that to_disk wrote to this file, which finds the same.

        Raises WeightsError where the file is missing, damaged or no Index, and
        MissingPackageError where it needs usearch, which is not installed.
        """
        index = cls.__new__(cls)
        state = stored.read(Path(path))
        try:
            index.__setstate__(state)
        except WeightsError as error:
            raise WeightsError(f"{path}: {error}; make it again, Index(docs)") from error
        return index

    def __getstate__(self) -> State:
        """Return the state to pickle or save, which is the same on all processors."""
        array = self._collection.array
        model, space = self._model, self._space
        return State(self.metric, self.backend, self._count, self._width, array, model, space)

    def __setstate__(self, state: State) -> None:
        """Take over this state."""
        self.metric, self.backend = state.metric, cast(Backend, state.backend)
        self._count, self._width = state.rows, state.width
        self._model, self._space = state.model, state.space
        self._collection = stored.collection_of(state)

    def _check_space(self, models: OneModel) -> None:
        if self._space == "token" and models.space != "token":
            raise AnnotationError(
                "Index.nearest: queries must be Tokens, as an Index of Tokens is in the token "
                "space of its model, which ends in a projection, got a Doc or a Span; search an "
                "Index of Docs or Spans, of a token such as doc[:1]"
            )

    def _check_same(self, queries: Many | One) -> None:
        advice = (
            "Index.nearest: exclude_self needs queries that are the collection's items in their "
            "order, got {}; leave them out, nearest(k=k, exclude_self=True), or search without it"
        )
        if is_one(queries):
            raise RangeError(advice.format("one query, whose place is not known"))
        models = OneModel("Index.nearest", space=self._space)
        rows = vectors_of("Index.nearest", "queries", cast(Many, queries), self.metric, models)
        self._check_space(models)
        if len(rows) != len(self):
            raise RangeError(advice.format(f"{len(rows)} of {len(self)}"))
        if not self._collection.holds(self._fitted(rows)):
            raise RangeError(advice.format("other vectors"))

    def _fitted(self, rows: Floats) -> Floats:
        return fitted("Index.nearest", "queries", rows, self._width) if len(self) else rows
