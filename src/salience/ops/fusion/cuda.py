"""fusion on the GPU: the accumulators of the product begin as x + g * c."""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.carries import over
from ...cuda.jit import F1, F2, INT, blocks, kernel
from ...cuda.products import rows_times_back
from ...cuda.sums import column_sums
from ...cuda.tiles import EACH, THREADS, add_transposed, beyond, first_cell, tiles

GROUP = 16
"""Rows of which one thread adds up the gradient of a gate."""


def forward(x: Any, states: Any, context: Any, weight: Any, gate: Any) -> Any:
    """v_t = x_t + W_f h_t + g * c_t."""
    vectors = arrays.empty_like(x)
    factors = states.reshape(states.size), weight.reshape(weight.size)
    fuse[tiles(*x.shape), THREADS](x, *factors, context, gate, states.shape[1], vectors)
    return vectors


def backprop(
    d_vectors: Any, states: Any, context: Any, weight: Any, gate: Any
) -> tuple[Any, Any, Any, Any]:
    """Return the gradients of h, c, W_f and g.

    With d = dL/dv: W_f' d, g * d, sum_t d_t h_t' and sum_t d_t * c_t
    """
    d_states, d_weight = rows_times_back(d_vectors, states, weight)
    rows, width = d_vectors.shape
    d_context, d_gate = arrays.empty_like(context), arrays.empty(blocks(rows, GROUP), width)
    gate_back[over(len(d_gate), width)](d_vectors, context, gate, d_context, d_gate)
    return d_states, d_context, d_weight, column_sums(d_gate)


@kernel(F2, F1, F1, F2, F1, INT, F2)
def fuse(
    x: Any, states: Any, weight: Any, context: Any, gate: Any, depth: int, vectors: Any
) -> None:
    """Fill vectors = x + g * c + h W_f'."""
    sums = cuda.local.array((EACH, EACH), np.float32)
    rows, width = x.shape
    row, column = first_cell(width)
    # Places outside are read at the edge instead, and never written: without a branch the
    # compiler can issue all reads at once.
    for j in range(EACH):
        c = min(column + beyond(j), width - 1)
        g = gate[c]
        for i in range(EACH):
            t = min(row + beyond(i), rows - 1)
            sums[i, j] = x[t, c] + g * context[t, c]
    add_transposed(states, weight, depth, 0, depth, rows, width, sums)
    for i in range(EACH):
        for j in range(EACH):
            t, c = row + beyond(i), column + beyond(j)
            if t < rows and c < width:
                vectors[t, c] = sums[i, j]


@kernel(F2, F2, F1, F2, F2)
def gate_back(d_vectors: Any, context: Any, gate: Any, d_context: Any, d_gate: Any) -> None:
    """d_context = g * d, and d_gate of a group of rows = sum_t d_t * c_t."""
    group, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    rows, width = d_vectors.shape
    if c >= width:
        return
    d, other = cuda.local.array(GROUP, np.float32), cuda.local.array(GROUP, np.float32)
    first, g, total = np.int64(group) * GROUP, gate[c], np.float32(0)
    for i in range(GROUP):
        t = min(first + i, rows - 1)
        d[i], other[i] = d_vectors[t, c], context[t, c]
    for i in range(GROUP):
        if first + i < rows:
            d_context[first + i, c] = g * d[i]
            total += d[i] * other[i]
    d_gate[group, c] = total
