"""The exact index: all vectors, packed as our own ops compare them."""

import numpy as np

from salience.ops.cosine import cpu
from salience.types import Floats, Ints, Metric

from .itself import batches


class Exact:
    """Vectors, all of which are compared with every query."""

    def __init__(self, vectors: Floats, metric: Metric) -> None:
        self._shape = vectors.shape
        self._packed = cpu.pack(vectors, metric)

    @classmethod
    def restored(cls, vectors: Floats, metric: Metric) -> "Exact":
        """Return the index whose `array` these vectors are."""
        made = cls(vectors, "dot")  # "dot" leaves them as they are
        made._packed = made._packed._replace(metric=metric)
        return made

    @property
    def array(self) -> Floats:
        """Its vectors [B, D]; for cosine they were divided by their lengths."""
        count = self._shape[0]
        return self.rows(0, count) if count else np.zeros(self._shape, dtype=np.float32)

    def search(self, queries: Floats, k: int) -> tuple[Ints, Floats]:
        """Return indices and scores [Q, k] of the nearest, nearest first; k is at most B."""
        return cpu.search(queries, self._packed, k)

    def rows(self, first: int, last: int) -> Floats:
        """Return vectors of the collection, of length 1 for cosine; a batch begins at `first`."""
        return cpu.unpack(self._packed, first, last)

    def search_rows(self, rows: Floats, k: int) -> tuple[Ints, Floats]:
        """Search for vectors that `rows` returned."""
        return cpu.search(rows, self._packed, k, ready=True)

    def holds(self, vectors: Floats) -> bool:
        """Say whether the collection is of these vectors, in this order."""
        # For cosine, vectors that differ in length alone are the same.
        other = cpu.pack(vectors, self._packed.metric)
        return all(
            np.array_equal(self.rows(*batch), cpu.unpack(other, *batch))
            for batch in batches(len(vectors))
        )
