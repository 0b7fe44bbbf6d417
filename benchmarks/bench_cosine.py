"""cosine_pairs (bound by memory), cosine_matrix and cosine_top_k (by arithmetic)."""

import numpy as np

from salience.ops import cosine_matrix, cosine_pairs, cosine_top_k

from .common import WIDTHS, Benchmark, floats, pin

PAIRS = 32768


class Pairs(Benchmark):
    """The floor is reading both once: a copy of one moves as many bytes."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.a, self.b = floats(PAIRS, width), floats(PAIRS, width, seed=1)
        self.target = np.zeros_like(self.a)
        self.time_pairs()

    def time_pairs(self, *_):
        return cosine_pairs(self.a, self.b)

    def time_numpy_pairs(self, *_):
        squares = np.einsum("nd,nd->n", self.a, self.a) * np.einsum("nd,nd->n", self.b, self.b)
        return np.einsum("nd,nd->n", self.a, self.b) / np.sqrt(squares)

    def time_copy(self, *_):
        np.copyto(self.target, self.a)


class Search(Benchmark):
    """Queries against a collection: all the scores, or the ten nearest of each."""

    params = (WIDTHS,)
    param_names = ("width",)
    queries, collection, k = 256, 8192, 10

    def setup(self, width):
        pin()
        self.a, self.b = floats(self.queries, width), floats(self.collection, width, seed=1)
        self.time_matrix()
        self.time_top_k()

    def time_matrix(self, *_):
        return cosine_matrix(self.a, self.b)

    def time_numpy_matrix(self, *_):
        return unit(self.a) @ unit(self.b).T

    def time_top_k(self, *_):
        return cosine_top_k(self.a, self.b, self.k)[1]

    def time_numpy_top_k(self, *_):
        scores = self.time_numpy_matrix()
        nearest = np.argpartition(-scores, self.k, axis=1)[:, : self.k]
        return -np.sort(-np.take_along_axis(scores, nearest, axis=1), axis=1)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
