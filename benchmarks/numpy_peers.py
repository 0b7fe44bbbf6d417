"""What takes plain NumPy more than a few lines: recurrences, and attention."""

from itertools import pairwise

import numpy as np

from salience.types import starts_of

BLOCK = 64
"""Queries that attention takes at once; whole documents would be slower from 512 tokens on."""


class Steps:
    """The batch in the order of steps, in which every step of all documents is one slice.

    Of direction "both", the first half of the columns walks forward and the
    second half backward, as in linear_recurrence.

    forward, backward [N]: the row of each place. sizes: documents that have a step.
    pairs: of each step but the first, its slice, and that of the same documents before.
    """

    def __init__(self, starts):
        lengths, rows = np.diff(starts), np.arange(starts[-1])
        document = np.repeat(np.arange(len(lengths)), lengths)
        rank = np.argsort(np.argsort(-lengths, kind="stable"))[document]
        t = rows - starts[document]
        self.forward = np.lexsort((rank, t))
        self.backward = np.lexsort((rank, lengths[document] - 1 - t))
        self.sizes = np.bincount(t)
        firsts = starts_of(self.sizes).tolist()
        self.pairs = [
            (slice(now, end), slice(before, before + end - now))
            for before, now, end in zip(firsts, firsts[1:], firsts[2:], strict=False)
        ]
        self.documents = len(lengths)
        self.before = rows[self.documents :] - np.repeat(self.sizes[:-1], self.sizes[1:])

    def pack(self, rows):
        half = rows.shape[1] // 2
        packed = np.empty_like(rows)
        packed[:, :half] = rows[self.forward, :half]
        packed[:, half:] = rows[self.backward, half:]
        return packed

    def unpack(self, packed):
        half = packed.shape[1] // 2
        rows = np.empty_like(packed)
        rows[self.forward, :half] = packed[:, :half]
        rows[self.backward, half:] = packed[:, half:]
        return rows

    def both(self, packed):
        """The rows of each step but the first, and those of the step before."""
        return packed[self.documents :], packed[self.before]


def affine_back(d_y, x, weight):
    return d_y @ weight, d_y.T @ x, d_y.sum(axis=0)


def numpy_attention(states, values, starts, query, key, window):
    context, received = np.empty_like(values), np.zeros(len(values), dtype=np.float32)
    width, lengths = values.shape[1] // len(query), np.diff(starts)
    for head in range(len(query)):
        queries = states @ query[head].T
        keys = states if key is None else states @ key[head].T
        columns = slice(head * width, (head + 1) * width)
        for start, end in pairwise(starts.tolist()):
            for first in range(start, end, BLOCK):
                last = min(first + BLOCK, end)
                low = start if window is None else max(start, first - window)
                high = end if window is None else min(end, last + window)
                weights = numpy_softmax(queries[first:last] @ keys[low:high].T, first - low, window)
                context[first:last, columns] = weights @ values[low:high, columns]
                received[low:high] += weights.sum(axis=0)
    return context, received / np.repeat(len(query) * lengths, lengths).astype(np.float32)


def numpy_softmax(logits, own, window):
    """Softmax over each row's window; row t's own token is in column own + t."""
    if window is not None:
        rows, columns = np.ogrid[: logits.shape[0], : logits.shape[1]]
        logits[abs(rows + own - columns) > window] = -np.inf
    exps = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


def numpy_step_attention(states, starts, query, key):
    queries, keys = states @ query[0].T, states @ key[0].T
    own = np.einsum("nr,nr->n", queries, keys)
    for start, end in pairwise(starts.tolist()):
        for first in range(start, end, BLOCK):
            rows = slice(first, min(first + BLOCK, end))
            logits = queries[rows] @ keys[start:end].T
            logits -= own[rows, None]
            own[rows] = 1 / np.exp(logits).sum(axis=1)
    return own
