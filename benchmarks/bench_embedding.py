"""embedding and embedding_bags: gathers from the table, bound by memory."""

import numpy as np

from salience.ops import embedding, embedding_bags
from salience.testing import random_starts

from .common import WIDTHS, Benchmark, floats, pin

TOKENS = 32768
ROWS = 30000
UNKNOWN = 0.05
"""Share of tokens that are unknown words, each the mean of GRAMS rows."""
GRAMS = 12


class Embedding(Benchmark):
    """The floor is a copy: each row is read once and written once."""

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
        self.time_embedding()
        self.time_bags()

    def time_embedding(self, *_):
        return embedding(self.table, self.ids)

    def time_numpy_embedding(self, *_):
        return self.table[self.ids]

    def time_bags(self, *_):
        return embedding_bags(self.table, self.bag_ids, self.starts)

    def time_numpy_bags(self, *_):
        sums = np.add.reduceat(self.table[self.bag_ids], self.starts[:-1])
        return sums / np.diff(self.starts)[:, None].astype(np.float32)

    def time_copy(self, *_):
        np.copyto(self.target, self.source)

    def time_fresh_copy(self, *_):
        """The same into memory that is new each time, as an op's result is."""
        self.source.copy()
