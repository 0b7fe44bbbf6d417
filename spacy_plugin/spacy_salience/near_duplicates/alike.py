"""Which vectors have a cosine of at least a threshold: all such pairs, or those that a graph finds.

Pairs join groups as they are found, and few of them are kept, so that memory does not grow with
their number.
"""

import numpy as np

from salience.ops.cosine import cpu
from salience.types import Floats

from ..search.ann import Graph
from ..search.itself import batches
from .joined import Joined

FIRST_ASKED = 16
"""Neighbours that a graph is first asked for; twice as many where all of them are alike."""

MOST_NEIGHBOURS = 256
"""Neighbours that a graph is asked for, at most."""


def exactly(vectors: Floats, above: float) -> Joined:
    """Join all vectors [N, D] whose cosine is at least `above`, ITEMS_AT_ONCE with as many."""
    joined = Joined(len(vectors))
    for first, last in batches(len(vectors)):
        columns = slice(first, last)
        packed = cpu.pack(vectors[columns], "cosine")
        for begin, end in batches(last):
            rows = slice(begin, end)
            if joined.are_one(rows, columns):
                continue
            scores = cpu.compare(vectors[rows], packed)
            if rows == columns:
                np.fill_diagonal(scores, -1)  # no item is a pair with itself
            near = scores >= np.float32(above)
            for row in np.flatnonzero(near.any(axis=1)).tolist():
                found = np.flatnonzero(near[row])
                joined.join(begin + row, first + found, scores[row, found])
    return joined


def by_graph(vectors: Floats, above: float) -> Joined:
    """Join neighbours in a graph of vectors [N, D] whose cosine is at least `above`.

    A vector with more than MOST_NEIGHBOURS such neighbours is joined with the nearest of them.
    """
    joined, graph = Joined(len(vectors)), Graph(vectors, "cosine")
    for first, last in batches(len(vectors)):
        rows, k = np.arange(first, last), min(FIRST_ASKED, len(vectors))
        while len(rows):
            indices, scores = graph.search(vectors[rows], k)
            near = scores >= np.float32(above)
            for row, found, each, of in zip(rows.tolist(), near, indices, scores, strict=True):
                joined.join(row, each[found], of[found])
            if k == min(MOST_NEIGHBOURS, len(vectors)):
                break
            rows, k = rows[near[:, -1]], min(2 * k, MOST_NEIGHBOURS, len(vectors))
    return joined
