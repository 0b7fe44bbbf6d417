"""The word table of an encoder, which is no parameter of thinc's: it has sparse updates."""

from typing import Any, TypeAlias, cast

import numpy as np
from thinc.api import Ops

from ..ops import embedding_bags, sparse_backprop_embedding_bags
from ..types import Floats, Ints, Ragged
from .host import HostShim
from .rows import Rows

Named: TypeAlias = tuple[Ints, Floats]
"""Rows of a table [U], each once, and their gradients."""


class WordRows(HostShim):
    """The table W_e [V, M] and the pooling logit of each row, w [V, 1], on the host.

    factor: what embeddings multiply rows by. learns: whether the table does. An update
    costs no more than the rows that a batch uses; a dense one would cost the whole
    table and its moments.
    """

    def __init__(
        self, table: Floats, logits: Floats | None = None, *, learns: bool = False,
        factor: float = 1.0,
    ) -> None:  # fmt: skip
        super().__init__(None)
        self.learns, self.factor = learns, factor
        self.set(table, logits)

    def set(self, table: Floats, logits: Floats | None) -> None:
        """Replace the table and the logits; where None, these are 0."""
        self.table = Rows(table)
        self.logits = Rows(np.zeros((len(table), 1), np.float32) if logits is None else logits)
        self._there: Any = None
        self._learnt: list[tuple[Ragged, Floats]] = []
        self._learnt_logits: list[tuple[Ragged, Floats]] = []

    def look_up(self, ops: Ops, bags: Ragged) -> Floats:
        """Return the mean of each bag's rows [U, M], on the device of the ops."""
        if ops.xp is np or self.learns:
            rows: Any = ops.asarray(embedding_bags(self.table.table, *bags))  # type: ignore[arg-type]
            return cast(Floats, rows)
        if self._there is None:
            self._there = ops.asarray2f(self.table.table)  # type: ignore[arg-type]
        ids: Any = ops.asarray(bags.data)  # type: ignore[arg-type]
        return embedding_bags(self._there, ids, bags.starts)

    def learn(self, bags: Ragged, d_rows: Floats) -> None:
        """Keep the gradients of these bags' means [U, M] for the update."""
        self._learnt.append((bags, d_rows))

    def learn_logits(self, bags: Ragged, d_logits: Floats) -> None:
        """Keep the gradients of these bags' logits [U, 1] for the update."""
        self._learnt_logits.append((bags, d_logits))

    def take_gradients(self) -> dict[str, Named]:
        """Return the rows of each table used since the last call, and their gradients."""
        found: dict[str, Named] = {}
        for name, learnt in (("table", self._learnt), ("logits", self._learnt_logits)):
            if learnt:
                bags = _joined([given for given, _ in learnt])
                d_means = np.concatenate([d for _, d in learnt])
                count = len(self.table.table)
                found[name] = sparse_backprop_embedding_bags(d_means, *bags, count)
        self._learnt, self._learnt_logits = [], []
        return found

    def finish_update(self, optimizer: Any) -> None:
        """Take a step of the optimizer on the rows that were used."""
        for name, (named, gradient) in self.take_gradients().items():
            getattr(self, name).update(optimizer, (self.id, name), named, gradient)


def _joined(bags: list[Ragged]) -> Ragged:
    """The bags of several batches, one after the other."""
    if len(bags) == 1:
        return bags[0]
    ends = np.cumsum([0, *(len(each.data) for each in bags)])
    starts = [each.starts[:-1] + end for each, end in zip(bags, ends[:-1], strict=True)]
    return Ragged(
        np.concatenate([each.data for each in bags]), np.concatenate([*starts, ends[-1:]])
    )
