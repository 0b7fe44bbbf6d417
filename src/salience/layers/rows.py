"""Tables with sparse updates: only the rows that a batch uses are changed."""

from typing import Any

import numpy as np

from ..types import Floats, Ints


class Rows:
    """A table [V, D] with sparse updates, and the moments of thinc's Adam for each row.

    A row that a batch does not use keeps its moments (lazy Adam, as in
    torch.optim.SparseAdam): an update costs no more than the used rows.
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
        """Take one step of a thinc Optimizer on these rows.

        Args:
            optimizer: gets the moments of these rows for the length of the call.
            key: by which it counts the updates.
            named: the rows [U], each once. gradient: theirs [U, D].
        """
        for moments, own in zip((optimizer.mom1, optimizer.mom2), self.moments, strict=True):
            moments[key] = own[named].reshape(-1)
        rows, _ = optimizer(key, self.table[named], gradient)
        self.table[named] = rows
        for moments, own in zip((optimizer.mom1, optimizer.mom2), self.moments, strict=True):
            own[named] = moments.pop(key).reshape(rows.shape)
