"""embedding and embedding_bags: gathers from the table, bound by memory."""

import numpy as np

from salience.ops import (
    embedding,
    embedding_bags,
    sparse_backprop_embedding,
    sparse_backprop_embedding_bags,
)
from salience.testing import random_starts

from .common import WIDTHS, Benchmark, floats, pin
from .torch_peers import forward, sparse_gradients, torch, torch_peer

TOKENS = 32768
ROWS = 30000
UNKNOWN = 0.05
"""Share of tokens that are unknown words, each the mean of GRAMS rows."""
GRAMS = 12


class Embedding(Benchmark):
    """The floor is a copy: each row is read once and written once.

    Gradients are sparse: the rows that are named, each once. Uncoalesced ones,
    which PyTorch leaves to the optimizer to add up, have a row for each mention.
    """

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        rng = np.random.default_rng(0)
        self.table = floats(ROWS, width)
        sizes = np.where(rng.random(TOKENS) < UNKNOWN, GRAMS, 1)
        self.starts = random_starts(sizes)
        self.bag_ids = rng.integers(0, ROWS, self.starts[-1])
        self.ids = self.bag_ids[:TOKENS]
        self.source, self.target = floats(TOKENS, width), np.zeros((TOKENS, width), np.float32)
        self.d_x, self.words = floats(TOKENS, width, seed=1), TOKENS
        self.time_embedding_gradients()
        self.time_bags_gradients()

    def time_embedding(self, *_):
        return embedding(self.table, self.ids)

    def time_embedding_gradients(self, *_):
        return self.time_embedding(), *sparse_backprop_embedding(self.d_x, self.ids, ROWS)

    def time_numpy_embedding(self, *_):
        return self.table[self.ids]

    @torch_peer
    def time_torch_embedding(self, *_):
        return forward(self._torch_embedding, self.table)

    @torch_peer
    def time_torch_embedding_gradients(self, *_):
        return sparse_gradients(self._torch_embedding, self.d_x, self.table)

    @torch_peer
    def time_torch_uncoalesced_embedding_gradients(self, *_):
        return sparse_gradients(self._torch_embedding, self.d_x, self.table, coalesce=False)

    def time_bags(self, *_):
        return embedding_bags(self.table, self.bag_ids, self.starts)

    def time_bags_gradients(self, *_):
        d_rows = sparse_backprop_embedding_bags(self.d_x, self.bag_ids, self.starts, ROWS)
        return self.time_bags(), *d_rows

    @torch_peer
    def time_torch_bags(self, *_):
        return forward(self._torch_bags, self.table)

    @torch_peer
    def time_torch_bags_gradients(self, *_):
        return sparse_gradients(self._torch_bags, self.d_x, self.table)

    @torch_peer
    def time_torch_uncoalesced_bags_gradients(self, *_):
        return sparse_gradients(self._torch_bags, self.d_x, self.table, coalesce=False)

    def time_numpy_bags(self, *_):
        sums = np.add.reduceat(self.table[self.bag_ids], self.starts[:-1])
        return sums / np.diff(self.starts)[:, None].astype(np.float32)

    def time_copy(self, *_):
        np.copyto(self.target, self.source)

    def time_fresh_copy(self, *_):
        """The same into memory that is new each time, as an op's result is."""
        self.source.copy()

    def _torch_embedding(self, table):
        ids = torch.from_numpy(self.ids)
        return torch.nn.functional.embedding(ids, table, sparse=True)

    def _torch_bags(self, table):
        ids, starts = torch.from_numpy(self.bag_ids), torch.from_numpy(self.starts)
        return torch.nn.functional.embedding_bag(
            ids, table, starts, mode="mean", sparse=True, include_last_offset=True
        )
