"""The approximate index: a graph of neighbours, which usearch stores and searches."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from salience import threads
from salience.errors import WeightsError
from salience.ops.cosine import cpu
from salience.types import Floats, Ints, Metric

from ..packages import optional
from .itself import batches

_NAMES = {"cosine": "cos", "dot": "ip", "euclidean": "l2sq"}


class Graph:
    """Vectors in a usearch index; our own ops score and order the neighbours that it finds.

    On several threads the graph depends on the order in which vectors happen to be added, and
    so may the neighbours that it misses.
    """

    def __init__(self, vectors: Floats, metric: Metric) -> None:
        self._begin(metric, vectors.shape[1])
        if vectors.size:
            keys = np.arange(len(vectors), dtype=np.uint64)
            self._index.add(keys, vectors, threads=threads.get_num_threads())

    @classmethod
    def restored(
        cls, content: NDArray[np.uint8], metric: Metric, count: int, width: int
    ) -> "Graph":
        """Return the graph that `array` stored; WeightsError where it has another size."""
        made = cls.__new__(cls)
        made._begin(metric, width)
        try:
            made._index.load(content.tobytes())
        except (RuntimeError, ValueError) as error:
            raise WeightsError(
                f"Index: expected a graph of usearch, got others' ({error})"
            ) from error
        found = (len(made._index), made._index.ndim)
        if found != (count, max(width, 1)):
            raise WeightsError(
                f"Index: expected a graph of {count} vectors of width {width}, got {found}"
            )
        return made

    @property
    def array(self) -> NDArray[np.uint8]:
        """The graph and its vectors, as the bytes that usearch writes."""
        return np.frombuffer(self._index.save(), dtype=np.uint8)

    def search(self, queries: Floats, k: int) -> tuple[Ints, Floats]:
        """Return indices and scores [Q, k] of neighbours, nearest first; k is at most B."""
        indices = np.empty((len(queries), k), dtype=np.int64)
        scores = np.empty((len(queries), k), dtype=np.float32)
        if not indices.size:
            return indices, scores
        for i, keys in enumerate(self._found(queries, k)):
            vectors = self._vectors(keys)
            order, scores[i : i + 1] = cpu.top_k(queries[i : i + 1], vectors, k, self._metric)
            indices[i] = keys[order[0]]
        return indices, scores

    search_rows = search

    def rows(self, first: int, last: int) -> Floats:
        """Return vectors of the collection."""
        return self._vectors(np.arange(first, last, dtype=np.uint64))

    def holds(self, vectors: Floats) -> bool:
        """Say whether the collection is of these vectors, in this order."""
        return all(
            np.array_equal(self.rows(first, last), vectors[first:last])
            for first, last in batches(len(vectors))
        )

    def _begin(self, metric: Metric, width: int) -> None:
        self._metric = metric
        # usearch needs a width of at least 1, also for an index without vectors.
        self._index = _usearch().Index(ndim=max(width, 1), metric=_NAMES[metric], dtype="f32")

    def _vectors(self, keys: Any) -> Floats:
        return np.concatenate(self._index.get(keys)).reshape(len(keys), -1)

    def _found(self, queries: Floats, k: int) -> list[Any]:
        """The k keys of each query, sorted, so that vectors of equal scores keep their order."""
        count = threads.get_num_threads()
        found = self._index.search(queries, k, threads=count)
        matches = [found] if len(queries) == 1 else found
        # A search may find fewer than k where many vectors are alike; an exact one then does not.
        return [
            np.sort(
                each.keys
                if len(each.keys) == k
                else self._index.search(query, k, exact=True, threads=count).keys
            ).astype(np.int64)
            for query, each in zip(queries, matches, strict=True)
        ]


def _usearch() -> Any:
    advice = "pip install 'salience[ann]', or use backend='exact'"
    return optional("usearch.index", "Index: backend='usearch'", advice)
