"""Tables of which a batch changes a few rows: only these are updated."""

from typing import Any

import numpy as np

from ..types import Floats, Ints


class Rows:
    """A table [V, D] that learns by rows, with the moments of thinc's Adam for each.

    A row that a batch does not name keeps its moments (lazy Adam, as of
    torch.optim.SparseAdam): an update costs the rows that are named.
    """

    def __init__(self, table: Floats) -> None:
        self.table = table
        self._moments: tuple[Floats, Floats] | None = None

    @property
    def moments(self) -> tuple[Floats, Floats]:
        """The first and the second moments [V, D], zeros before the first update."""
        if self._moments is None:  # a table that never learns needs none
            self._moments = np.zeros_like(self.table), np.zeros_like(self.table)
        return self._moments

    def update(self, optimizer: Any, key: tuple[int, str], named: Ints, gradient: Floats) -> None:
        """Take one step of a thinc Optimizer on the rows named, each once.

        Args:
            optimizer: whose moments for the key are those of these rows meanwhile.
            key: under which it counts the updates.
            named: the rows [U]. gradient: theirs [U, D].
        """
        for moments, own in zip((optimizer.mom1, optimizer.mom2), self.moments, strict=True):
            moments[key] = own[named].reshape(-1)
        rows, _ = optimizer(key, self.table[named], gradient)
        self.table[named] = rows
        for moments, own in zip((optimizer.mom1, optimizer.mom2), self.moments, strict=True):
            own[named] = moments.pop(key).reshape(rows.shape)
