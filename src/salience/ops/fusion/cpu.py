"""fusion on the CPU."""

import numpy as np

from ...jit import F1, F2, OUT2, kernel
from ...types import Floats
from ..products import add_product


def forward(x: Floats, states: Floats, context: Floats, weight: Floats, gate: Floats) -> Floats:
    """v_t = x_t + W_f h_t + g * c_t."""
    vectors = np.empty_like(x)
    fuse(x, states, context, np.ascontiguousarray(weight.T), gate, vectors)
    return vectors


@kernel(F2, F2, F2, F2, F1, OUT2)
def fuse(
    x: Floats, states: Floats, context: Floats, matrix: Floats, gate: Floats, vectors: Floats
) -> None:
    """vectors = x + g * c, then += h matrix, where matrix [H, D] is W_f transposed."""
    n, width = x.shape
    for t in range(n):
        x_t, c_t, v_t = x[t], context[t], vectors[t]
        for d in range(width):
            v_t[d] = x_t[d] + gate[d] * c_t[d]
    add_product(
        states, (0, n), (0, states.shape[1]), matrix, 0, (0, width), vectors, 0, 0
    )  # fmt: skip
