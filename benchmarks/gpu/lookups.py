"""Gathers from a table that no cache holds, and their gradients, dense and sparse."""

from functools import partial

import numpy as np

from salience.ops import (
    backprop_embedding,
    backprop_embedding_bags,
    embedding,
    embedding_bags,
    sparse_backprop_embedding,
    sparse_backprop_embedding_bags,
)
from salience.types import starts_of

from ..bench_embedding import GRAMS, UNKNOWN
from ..torch_peers import torch
from . import peers
from .rows import FLOAT, INT, Row


def one_by_one(machine, size, way="forward"):
    """Of each token one row, of all rows alike."""
    ids = np.random.default_rng(0).integers(0, size.table, size.tokens)
    there, different = machine.put(ids), len(np.unique(ids))
    table = _table(machine, size, way)
    d_x = _d_x(machine, size, way)
    ours = {
        "forward": lambda: embedding(table, there),
        "dense": lambda: backprop_embedding(d_x, there, size.table),
        "sparse": lambda: sparse_backprop_embedding(d_x, there, size.table),
    }

    def look_up(rows, sparse=False):
        return torch.nn.functional.embedding(there, rows, sparse=sparse)

    beside = _beside(machine, size, look_up, way, table, d_x, "F.embedding")
    counted = _counted(size, way, mentions=size.tokens, ends=0, different=different)
    setting = f"{size.tokens:,} of {size.table:,} x {size.width}"
    return Row(setting, size.tokens, ours[way], beside, *counted)


def in_bags(machine, size, way="forward"):
    """Of most tokens one row, of unknown words the mean of several."""
    rng = np.random.default_rng(0)
    starts = starts_of(np.where(rng.random(size.tokens) < UNKNOWN, GRAMS, 1))
    ids = rng.integers(0, size.table, starts[-1])
    bags, different = (machine.put(ids), machine.put(starts)), len(np.unique(ids))
    table = _table(machine, size, way)
    d_x = _d_x(machine, size, way)
    ours = {
        "forward": lambda: embedding_bags(table, *bags),
        "dense": lambda: backprop_embedding_bags(d_x, *bags, size.table),
        "sparse": lambda: sparse_backprop_embedding_bags(d_x, *bags, size.table),
    }

    def look_up(rows, sparse=False):
        return torch.nn.functional.embedding_bag(
            bags[0], rows, bags[1], mode="mean", sparse=sparse, include_last_offset=True
        )

    beside = _beside(machine, size, look_up, way, table, d_x, "nn.EmbeddingBag")
    counted = _counted(size, way, len(ids), ends=len(starts), different=different)
    setting = f"{len(ids):,} in {size.tokens:,} of {size.table:,} x {size.width}"
    return Row(setting, size.tokens, ours[way], beside, *counted)


def _beside(machine, size, look_up, way, table, d_x, name):
    if way == "forward":
        return machine.beside({name: lambda: peers.forward(look_up, table)})

    def backward(**finish):
        rows = machine.floats(size.table, size.width)
        sparse = partial(look_up, sparse=way == "sparse")
        return peers.backward(sparse, d_x, rows, **finish)

    if way == "dense":
        return machine.beside({name: backward})
    added = partial(backward, finish=peers.rows_of)
    return machine.beside({name: added, f"~{name}, uncoalesced": backward})


def _counted(size, way, mentions, ends, different):
    """Bytes: each mention's id and row once, or each token's gradient and each row's once."""
    row, indices = size.width * FLOAT, (mentions + ends) * INT
    if way == "forward":
        return mentions * row + size.tokens * row + indices, 0, "(M + N) D x 4 + M x 8 bytes"
    read = size.tokens * row + indices
    if way == "dense":
        return read + size.table * row, 0, "(N + V) D x 4 + M x 8 bytes"
    return read + different * (row + INT), 0, "(N + U) D x 4 + (M + U) x 8 bytes, U rows named"


def _table(machine, size, way):
    return machine.floats(size.table, size.width) if way == "forward" else None


def _d_x(machine, size, way):
    return None if way == "forward" else machine.floats(size.tokens, size.width, seed=1)


ROWS = {
    "embedding": one_by_one,
    "embedding, dense backprop": partial(one_by_one, way="dense"),
    "embedding, sparse backprop": partial(one_by_one, way="sparse"),
    "embedding_bags": in_bags,
    "embedding_bags, dense backprop": partial(in_bags, way="dense"),
    "embedding_bags, sparse backprop": partial(in_bags, way="sparse"),
}
