"""pooling: s = softmax over the document of v u + w, and d = s' v; bound by memory."""

import numpy as np

from salience.ops import pooling

from .common import WIDTHS, Benchmark, floats, pin, starts_of

TOKENS = 32768


class Pooling(Benchmark):
    """The floor is reading the vectors once."""

    params = (("ragged", 512), WIDTHS)
    param_names = ("documents", "width")

    def setup(self, documents, width):
        pin()
        self.starts = starts_of(documents, TOKENS)
        tokens = int(self.starts[-1])
        self.vectors, self.query = floats(tokens, width), floats(width, seed=1, scale=0.1)
        self.weights = floats(tokens, seed=2)
        self.target = np.zeros_like(self.vectors[: tokens // 2])
        self.time_pooling()

    def time_pooling(self, *_):
        return pooling(self.vectors, self.query, self.weights, self.starts)

    def time_numpy_pooling(self, *_):
        firsts, lengths = self.starts[:-1], np.diff(self.starts)
        logits = self.vectors @ self.query + self.weights
        exps = np.exp(logits - np.repeat(np.maximum.reduceat(logits, firsts), lengths))
        salience = exps / np.repeat(np.add.reduceat(exps, firsts), lengths)
        return salience, np.add.reduceat(salience[:, None] * self.vectors, firsts)

    def time_copy(self, *_):
        """As many bytes as the vectors have, half of them read and half written."""
        np.copyto(self.target, self.vectors[: len(self.target)])
