"""embedding on the CPU."""

import numpy as np

from ... import threads
from ...cpu.jit import F2, I1, OUT2, kernel
from ...cpu.prefetch import fetch_row
from ...cpu.products import clear
from ...types import Floats, Ints

AHEAD = 8
"""Rows that are prefetched beyond those of the bag that is read."""


def forward(table: Floats, ids: Ints) -> Floats:
    """x_t = W_e[id_t]; NumPy's gather already runs at copy speed."""
    return table.take(ids, axis=0)


def forward_bags(table: Floats, ids: Ints, starts: Ints) -> Floats:
    """x_t = mean of W_e[id_i] over bag t."""
    x = np.empty((len(starts) - 1, table.shape[1]), dtype=np.float32)

    def task(bags: slice) -> None:
        bag_means(table, ids, starts[bags.start : bags.stop + 1], x[bags])

    threads.run(task, threads.slices(len(x)))
    return x


def backprop(d_x: Floats, ids: Ints, rows: int) -> Floats:
    """dL/dW_e[i] = sum of dL/dx_t over the t with id_t = i."""
    return backprop_bags(d_x, ids, np.arange(len(ids) + 1), rows)


def backprop_bags(d_x: Floats, ids: Ints, starts: Ints, rows: int) -> Floats:
    """dL/dW_e[i] = sum of dL/dx_t / size of bag t over the bags t that name i."""
    d_table = np.zeros((rows, d_x.shape[1]), dtype=np.float32)
    add_to_rows(d_x, ids, starts, d_table)
    return d_table


def sparse_backprop(d_x: Floats, ids: Ints, rows: int) -> tuple[Ints, Floats]:
    """The rows of dL/dW_e that ids name."""
    return sparse_backprop_bags(d_x, ids, np.arange(len(ids) + 1), rows)


def sparse_backprop_bags(d_x: Floats, ids: Ints, starts: Ints, rows: int) -> tuple[Ints, Floats]:
    """The rows of dL/dW_e that ids name, summed in an array of these rows alone."""
    places = np.zeros(rows, dtype=np.int64)
    places[ids] = 1
    named = np.flatnonzero(places)
    places[named] = np.arange(len(named))
    return named, backprop_bags(d_x, places[ids], starts, len(named))


@kernel(F2, I1, I1, OUT2)
def bag_means(table: Floats, ids: Ints, starts: Ints, x: Floats) -> None:
    """x_t = sum of W_e[id_i] / size of bag t; divided first, so that no sum overflows."""
    width, asked, end = table.shape[1], starts[0], starts[-1]
    for t in range(len(starts) - 1):
        x_t, size = x[t], starts[t + 1] - starts[t]
        until = min(starts[t + 1] + AHEAD, end)
        for i in range(asked, until):
            fetch_row(table, ids[i])
        asked = until
        if size == 1:
            row = table[ids[starts[t]]]
            for d in range(width):
                x_t[d] = row[d]
            continue
        clear(x_t)
        share = np.float32(1 / np.float32(max(size, 1)))
        for i in range(starts[t], starts[t + 1]):
            row = table[ids[i]]
            for d in range(width):
                x_t[d] += share * row[d]


@kernel(F2, I1, I1, OUT2)
def add_to_rows(d_x: Floats, ids: Ints, starts: Ints, d_table: Floats) -> None:
    """d_table[id_i] += d_x_t / size of bag t, in the order of the bags."""
    width = d_x.shape[1]
    for t in range(len(starts) - 1):
        d_x_t, share = d_x[t], np.float32(1 / np.float32(max(starts[t + 1] - starts[t], 1)))
        for i in range(starts[t], starts[t + 1]):
            row = d_table[ids[i]]
            for d in range(width):
                row[d] += share * d_x_t[d]
