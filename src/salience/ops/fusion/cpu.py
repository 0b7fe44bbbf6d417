"""fusion on the CPU."""

import numpy as np

from ... import threads
from ...cpu.jit import F1, F2, OUT2, kernel
from ...cpu.maps import set_plus_product
from ...cpu.products import add_packed_product, rows_times_back
from ...cpu.strips import pack
from ...cpu.tiles import ROWS
from ...types import Floats

ROWS_IN_CACHE = 16 * ROWS
"""Rows that get x + g * c and then their product, while they are in cache; whole tiles."""


def forward(x: Floats, states: Floats, context: Floats, weight: Floats, gate: Floats) -> Floats:
    """v_t = x_t + W_f h_t + g * c_t."""
    vectors = np.empty_like(x)
    strips = pack(weight)

    def task(rows: slice) -> None:
        fuse(x[rows], states[rows], context[rows], strips, gate, vectors[rows])

    threads.run(task, threads.slices(len(x)))
    return vectors


def backprop(
    d_vectors: Floats, states: Floats, context: Floats, weight: Floats, gate: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the gradients of h, c, W_f and g.

    With d = dL/dv: W_f' d, g * d, sum_t d_t h_t' and sum_t d_t * c_t
    """
    d_states, d_weight = rows_times_back(d_vectors, states, weight)
    d_gate = np.einsum("td,td->d", d_vectors, context)
    return d_states, gate * d_vectors, d_weight, d_gate


@kernel(F2, F2, F2, F2, F1, OUT2)
def fuse(
    x: Floats, states: Floats, context: Floats, strips: Floats, gate: Floats, vectors: Floats
) -> None:
    """Fill vectors = x + g * c, then add W_f h; W_f is packed, and vectors may be the context."""
    n, width = x.shape
    for first in range(0, n, ROWS_IN_CACHE):
        last = min(first + ROWS_IN_CACHE, n)
        for t in range(first, last):
            set_plus_product(vectors[t], x[t], gate, context[t])
        add_packed_product(states, first, last, strips, width, vectors)
