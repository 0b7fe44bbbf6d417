"""pooling: s = softmax over the document of v u + w, and d = s' v; bound by memory."""

import numpy as np

from salience.ops import backprop_pooling, pooling

from .common import DOCUMENTS, WIDTHS, Benchmark, floats, pin, starts_of
from .torch_documents import TorchPooling
from .torch_peers import forward, gradients, torch, torch_peer

TOKENS = 32768


class Pooling(Benchmark):
    """The floor is reading the vectors once."""

    params = (DOCUMENTS, WIDTHS)
    param_names = ("documents", "width")

    def setup(self, documents, width):
        pin()
        self.starts = starts_of(documents, TOKENS)
        self.words = tokens = int(self.starts[-1])
        self.vectors, self.query = floats(tokens, width), floats(width, seed=1, scale=0.1)
        self.weights = floats(tokens, seed=2)
        self.arrays = self.vectors, self.query, self.weights
        self.d_documents = floats(len(self.starts) - 1, width, seed=3)
        self.target = np.zeros_like(self.vectors[: tokens // 2])
        self.time_pooling_gradients()
        if torch:
            self.torch = TorchPooling(self.starts)

    def time_pooling(self, *_):
        return pooling(*self.arrays, self.starts)

    def time_pooling_gradients(self, *_):
        salience, documents = self.time_pooling()
        given = salience, self.vectors, self.query, self.starts
        return salience, documents, *backprop_pooling(self.d_documents, *given)

    def time_numpy_pooling(self, *_):
        firsts, lengths = self.starts[:-1], np.diff(self.starts)
        logits = self.vectors @ self.query + self.weights
        exps = np.exp(logits - np.repeat(np.maximum.reduceat(logits, firsts), lengths))
        salience = exps / np.repeat(np.add.reduceat(exps, firsts), lengths)
        return salience, np.add.reduceat(salience[:, None] * self.vectors, firsts)

    def time_numpy_pooling_gradients(self, *_):
        salience, documents = self.time_numpy_pooling()
        firsts, lengths = self.starts[:-1], np.diff(self.starts)
        d_each = np.repeat(self.d_documents, lengths, axis=0)
        p = np.einsum("nd,nd->n", d_each, self.vectors)
        z = salience * (p - np.repeat(np.add.reduceat(salience * p, firsts), lengths))
        d_each *= salience[:, None]
        d_each += z[:, None] * self.query
        return salience, documents, d_each, z @ self.vectors, z

    @torch_peer
    def time_torch_loop_pooling(self, *_):
        return forward(self.torch.loop, *self.arrays)

    @torch_peer
    def time_torch_loop_pooling_gradients(self, *_):
        return gradients(self.torch.loop, (None, self.d_documents), *self.arrays)

    @torch_peer
    def time_torch_buckets_pooling(self, *_):
        return forward(self.torch.buckets, *self.arrays)

    @torch_peer
    def time_torch_buckets_pooling_gradients(self, *_):
        return gradients(self.torch.buckets, (None, self.d_documents), *self.arrays)

    @torch_peer
    def time_torch_flat_pooling(self, *_):
        return forward(self.torch.flat, *self.arrays)

    @torch_peer
    def time_torch_flat_pooling_gradients(self, *_):
        return gradients(self.torch.flat, (None, self.d_documents), *self.arrays)

    def time_copy(self, *_):
        """As many bytes as the vectors have, half of them read and half written."""
        np.copyto(self.target, self.vectors[: len(self.target)])
