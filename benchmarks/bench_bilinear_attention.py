"""bilinear_attention: a = softmax(h W_a h') and c = a x, bound by arithmetic."""

from itertools import pairwise

import numpy as np

from salience.ops import bilinear_attention

from .common import DOCUMENTS, WIDTHS, Benchmark, floats, pin, starts_of

TOKENS = 4096
RANK = 64
BLOCK = 64
"""Queries that the peer takes at once; whole documents would be slower from 512 tokens on."""


class BilinearAttention(Benchmark):
    """Without a window the cost of a word grows with its document; with one it does not."""

    params = (DOCUMENTS, WIDTHS, (32, None))
    param_names = ("documents", "width", "window")

    def setup(self, documents, width, window):
        pin()
        starts = starts_of(documents, TOKENS)
        tokens, states = int(starts[-1]), width // 2
        self.arrays = (
            floats(tokens, states),
            floats(tokens, width, seed=1),
            starts,
            floats(1, RANK, states, seed=2, scale=0.1),
            floats(1, RANK, states, seed=3, scale=0.1),
        )
        self.time_attention(documents, width, window)

    def time_attention(self, _documents, _width, window):
        return bilinear_attention(*self.arrays, window=window)

    def time_numpy_attention(self, _documents, _width, window):
        return numpy_attention(*self.arrays, window)


def numpy_attention(states, values, starts, query, key, window):
    queries, keys = states @ query[0].T, states @ key[0].T
    context, received = np.empty_like(values), np.zeros(len(values), dtype=np.float32)
    for start, end in pairwise(starts.tolist()):
        for first in range(start, end, BLOCK):
            last = min(first + BLOCK, end)
            low = start if window is None else max(start, first - window)
            high = end if window is None else min(end, last + window)
            weights = numpy_softmax(queries[first:last] @ keys[low:high].T, first - low, window)
            context[first:last] = weights @ values[low:high]
            received[low:high] += weights.sum(axis=0)
        received[start:end] /= end - start
    return context, received


def numpy_softmax(logits, own, window):
    """Softmax over each row's window; row t's own token is in column own + t."""
    if window is not None:
        rows, columns = np.ogrid[: logits.shape[0], : logits.shape[1]]
        logits[abs(rows + own - columns) > window] = -np.inf
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)
