"""The exact index: all vectors, packed as our own ops compare them."""

import numpy as np

from salience.ops.cosine import cpu
from salience.types import Floats, Ints, Metric

from .itself import blocks


class Exact:
    """Vectors that are compared with every query."""

    def __init__(self, vectors: Floats, metric: Metric) -> None:
        self._packed = cpu.pack(vectors, metric)

    def search(self, queries: Floats, k: int) -> tuple[Ints, Floats]:
        """Return indices and scores [Q, k] of the nearest, nearest first; k is at most B."""
        return cpu.search(queries, self._packed, k)

    def rows(self, first: int, last: int) -> Floats:
        """Return vectors of the collection, of length 1 for cosine; first is a block's."""
        return cpu.unpack(self._packed, first, last)

    def search_rows(self, rows: Floats, k: int) -> tuple[Ints, Floats]:
        """Search for what `rows` returned."""
        return cpu.search(rows, self._packed, k, ready=True)

    def holds(self, vectors: Floats) -> bool:
        """Say whether the collection is of these vectors, in this order."""
        # By cosine their lengths may be others: they are as near to all.
        other = cpu.pack(vectors, self._packed.metric)
        return all(
            np.array_equal(self.rows(*block), cpu.unpack(other, *block))
            for block in blocks(len(vectors))
        )
