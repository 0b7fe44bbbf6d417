"""embedding on the CPU."""

import numpy as np

from ...jit import F2, I1, OUT2, kernel
from ...types import Floats, Ints
from ..products import clear


def forward(table: Floats, ids: Ints) -> Floats:
    """x_t = W_e[id_t]; NumPy's gather already runs at copy speed."""
    return table.take(ids, axis=0)


def forward_bags(table: Floats, ids: Ints, starts: Ints) -> Floats:
    """x_t = mean of W_e[id_i] over bag t."""
    x = np.empty((len(starts) - 1, table.shape[1]), dtype=np.float32)
    bag_means(table, ids, starts, x)
    return x


@kernel(F2, I1, I1, OUT2)
def bag_means(table: Floats, ids: Ints, starts: Ints, x: Floats) -> None:
    """x_t = sum of W_e[id_i] over bag t / size of bag t."""
    width = table.shape[1]
    for t in range(len(starts) - 1):
        x_t, size = x[t], starts[t + 1] - starts[t]
        if size == 1:
            row = table[ids[starts[t]]]
            for d in range(width):
                x_t[d] = row[d]
            continue
        clear(x_t)
        for i in range(starts[t], starts[t + 1]):
            row = table[ids[i]]
            for d in range(width):
                x_t[d] += row[d]
        for d in range(width):
            x_t[d] /= np.float32(max(size, 1))
