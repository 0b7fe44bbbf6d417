"""cosine_pairs (bound by memory), cosine_matrix and cosine_top_k (by arithmetic)."""

import numpy as np

from salience.ops import (
    backprop_cosine_matrix,
    backprop_cosine_pairs,
    cosine_matrix,
    cosine_pairs,
    cosine_top_k,
)

from .common import WIDTHS, Benchmark, floats, pin
from .torch_peers import forward, gradients, torch, torch_peer

PAIRS = 32768


class Pairs(Benchmark):
    """The floor is reading both once: a copy of one moves as many bytes."""

    params = (WIDTHS,)
    param_names = ("width",)

    def setup(self, width):
        pin()
        self.a, self.b = floats(PAIRS, width), floats(PAIRS, width, seed=1)
        self.d_scores, self.words = floats(PAIRS, seed=2), PAIRS
        self.target = np.zeros_like(self.a)
        self.time_pairs_gradients()

    def time_pairs(self, *_):
        return cosine_pairs(self.a, self.b)

    def time_pairs_gradients(self, *_):
        return self.time_pairs(), *backprop_cosine_pairs(self.d_scores, self.a, self.b)

    def time_numpy_pairs(self, *_):
        return np.einsum("nd,nd->n", self.a, self.b) / np.sqrt(squares(self.a) * squares(self.b))

    def time_numpy_pairs_gradients(self, *_):
        of_a, of_b = squares(self.a), squares(self.b)
        each = 1 / np.sqrt(of_a * of_b)
        scores = each * np.einsum("nd,nd->n", self.a, self.b)
        d_dots, d_squares = (self.d_scores * each)[:, None], (self.d_scores * scores)[:, None]
        d_a = d_dots * self.b
        d_a -= d_squares / of_a[:, None] * self.a
        d_b = d_dots * self.a
        d_b -= d_squares / of_b[:, None] * self.b
        return scores, d_a, d_b

    @torch_peer
    def time_torch_pairs(self, *_):
        return forward(torch.nn.functional.cosine_similarity, self.a, self.b)

    @torch_peer
    def time_torch_pairs_gradients(self, *_):
        cosine = torch.nn.functional.cosine_similarity
        return gradients(cosine, (self.d_scores,), self.a, self.b)

    @torch_peer
    def time_torch_bmm_pairs(self, *_):
        return forward(torch_pairs_bmm, self.a, self.b)

    @torch_peer
    def time_torch_bmm_pairs_gradients(self, *_):
        return gradients(torch_pairs_bmm, (self.d_scores,), self.a, self.b)

    @torch_peer
    def time_torch_explicit_pairs(self, *_):
        return forward(torch_pairs, self.a, self.b)

    @torch_peer
    def time_torch_explicit_pairs_gradients(self, *_):
        return gradients(torch_pairs, (self.d_scores,), self.a, self.b)

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
        self.d_scores = floats(self.queries, self.collection, seed=2)
        self.words = self.queries * self.collection
        self.time_matrix_gradients()
        self.time_top_k()

    def time_matrix(self, *_):
        return cosine_matrix(self.a, self.b)

    def time_numpy_matrix(self, *_):
        return unit(self.a) @ unit(self.b).T

    def time_matrix_gradients(self, *_):
        return self.time_matrix(), *backprop_cosine_matrix(self.d_scores, self.a, self.b)

    @torch_peer
    def time_torch_matrix(self, *_):
        return forward(torch_matrix, self.a, self.b)

    @torch_peer
    def time_torch_matrix_gradients(self, *_):
        return gradients(torch_matrix, (self.d_scores,), self.a, self.b)

    def time_numpy_matrix_gradients(self, *_):
        (a, of_a), (b, of_b) = ((unit(x), np.sqrt(squares(x))) for x in (self.a, self.b))
        scores = a @ b.T
        d_a, d_b = self.d_scores @ b, self.d_scores.T @ a
        d_a -= np.einsum("nd,nd->n", d_a, a)[:, None] * a
        d_b -= np.einsum("nd,nd->n", d_b, b)[:, None] * b
        return scores, d_a / of_a[:, None], d_b / of_b[:, None]

    @torch_peer
    def time_torch_top_k(self, *_):
        return forward(lambda a, b: torch_matrix(a, b).topk(self.k)[0], self.a, self.b)

    def time_top_k(self, *_):
        return cosine_top_k(self.a, self.b, self.k)[1]

    def time_numpy_top_k(self, *_):
        scores = self.time_numpy_matrix()
        nearest = np.argpartition(-scores, self.k, axis=1)[:, : self.k]
        return -np.sort(-np.take_along_axis(scores, nearest, axis=1), axis=1)


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def squares(vectors):
    return np.einsum("nd,nd->n", vectors, vectors)


def torch_pairs(a, b):
    return (a * b).sum(1) / torch_norms(a, b)


def torch_pairs_bmm(a, b):
    return (a[:, None] @ b[:, :, None])[:, 0, 0] / torch_norms(a, b)


def torch_norms(a, b):
    return torch.linalg.vector_norm(a, dim=1) * torch.linalg.vector_norm(b, dim=1)


def torch_matrix(a, b):
    return torch.nn.functional.normalize(a) @ torch.nn.functional.normalize(b).T
