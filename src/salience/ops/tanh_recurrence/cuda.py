"""tanh_recurrence on the GPU: one thread block per document and way (direction).

The thread block keeps the matrix in registers: a state has a thread for every KEPT
numbers of its column, and their partial sums are added in shared memory. A matrix
of more than WIDEST states is read from memory at every step instead (*_wide).
"""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.jit import BOOL, F1, F2, F3, I2, THREADS, blocks, inline, kernel, threads_for
from ...cuda.products import columns_times
from ...cuda.scalars import tanh
from ...cuda.walks import AHEAD, flat
from ...types import Ints

KEPT = 32
"""Numbers of the matrix that a thread keeps in registers."""

SHARERS = 5
"""Threads that share one sum: over a column of the matrix."""

WIDEST = KEPT * SHARERS
"""States of a way up to which a thread block has threads and registers enough."""

WIDE_THREADS = 512
"""Threads of a thread block for wider matrices."""

SHARED_STATES = 1024
"""States that are in shared memory at once, for wider matrices."""

TRANSPOSED_ROWS = 32
"""Rows of a matrix that a thread transposes."""

_SHAPE = SHARED_STATES // AHEAD, AHEAD


def forward(
    inputs: Any, weight: Any, starts: Ints, initial: Any, direction: str, activation: str
) -> tuple[Any, Any]:
    """h_t = tanh(u_t + W_h h_{t-1}), or relu."""
    states, final = arrays.empty_like(inputs), arrays.empty_like(initial)
    matrix, steps = _transposed(weight), walk
    if weight.shape[1] > WIDEST:
        matrix, steps = flat(matrix), walk_wide
    steps[_launch(starts, weight)](
        inputs, matrix, _longest_first(starts), direction == "backward",
        activation == "tanh", initial, states, final,
    )  # fmt: skip
    return states, final


def backprop(
    d_states: Any, d_final: Any, states: Any, weight: Any,
    starts: Ints, initial: Any, direction: str, activation: str,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """g_t = f'(h_t) * (d_t + W_h' g_{t+1}) is the gradient of u_t; W_h's is sum_t g_t h_{t-1}'."""
    d_inputs, d_initial = arrays.empty_like(states), arrays.empty_like(initial)
    ways, width, _ = weight.shape
    # g_t and h_{t-1} by way, as the sum over them takes them.
    g, before = (arrays.empty(ways, len(states), width) for _ in range(2))
    matrix, steps = (weight, walk_back) if width <= WIDEST else (flat(weight), walk_back_wide)
    steps[_launch(starts, weight)](
        d_states, states, matrix, _longest_first(starts), direction == "backward",
        activation == "tanh", initial, d_final, g, before, d_inputs, d_initial,
    )  # fmt: skip
    return d_inputs, _outer(g, before), d_initial


def _outer(g: Any, before: Any) -> Any:
    """sum_t g_t h_{t-1}' of each way."""
    ways, _, width = g.shape
    if not g.size:  # numba cannot slice an empty device array
        return arrays.zeros(ways, width, width)
    return arrays.stack([columns_times(g[way], before[way]) for way in range(ways)])


def _longest_first(starts: Ints) -> Any:
    """First row, one past the last, and number of every document: long ones start early."""
    order = np.argsort(-np.diff(starts), kind="stable")
    return arrays.to_device(np.stack([starts[order], starts[order + 1], order], axis=1))


def _launch(starts: Ints, weight: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the grid, documents by ways, and the thread block, states by parts of a column."""
    ways, width, _ = weight.shape
    threads = threads_for(width, WIDE_THREADS)
    parts = blocks(width, KEPT) if width <= WIDEST else 1
    return (len(starts) - 1, ways if width else 0), (threads, parts)


def _transposed(weight: Any) -> Any:
    ways, width, _ = weight.shape
    out = arrays.empty_like(weight)
    transpose[(blocks(width), blocks(width, TRANSPOSED_ROWS), ways), THREADS](weight, out)
    return out


@kernel(F3, F3)
def transpose(weight: Any, out: Any) -> None:
    """Transpose W of each way."""
    c, first, way, width = (
        cuda.grid(1),
        cuda.blockIdx.y * TRANSPOSED_ROWS,
        cuda.blockIdx.z,
        weight.shape[1],
    )
    if c < width:
        for r in range(first, min(first + TRANSPOSED_ROWS, width)):
            out[way, r, c] = weight[way, c, r]


@inline
def _way(documents: Any, backward: bool, back: bool) -> tuple[int, int, int, int]:
    """Return the document of a thread block, its walk's first row, the step and the steps."""
    k, way = cuda.blockIdx.x, cuda.blockIdx.y
    first, last, b = documents[k, 0], documents[k, 1], documents[k, 2]
    if (backward or way == 1) != back:
        return b, last - 1, -1, last - first
    return b, first, 1, last - first


@inline
def _keep(matrix: Any, part: int, c: int, column: Any, sums: Any) -> None:
    """Read a part of column c of the way's matrix, 0 outside it; sums of no thread are 0."""
    width = matrix.shape[1]
    for i in range(part, SHARERS, cuda.blockDim.y):
        sums[i, c] = np.float32(0)
    for i in range(KEPT):
        r = part * KEPT + i
        inside = r < width and c < width
        column[i] = matrix[cuda.blockIdx.y, r, c] if inside else np.float32(0)


@inline
def _times(column: Any, vector: Any, part: int) -> Any:
    """What a part of a column adds to its product with a vector."""
    total = np.float32(0)
    for i in range(KEPT):
        total += column[i] * vector[part, i]
    return total


@inline
def _activate(logit: Any, is_tanh: bool) -> Any:
    return tanh(logit) if is_tanh else max(logit, np.float32(0))


@inline
def _slope(h: Any, is_tanh: bool) -> Any:
    one = np.float32(1)
    if is_tanh:
        return one - h * h
    return one if h > np.float32(0) else np.float32(0)


@kernel(F2, F3, I2, BOOL, BOOL, F2, F2, F2)
def walk(
    inputs: Any, matrix: Any, documents: Any, backward: bool, is_tanh: bool, initial: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """h = f(u + h matrix) along one document, in one way."""
    vector = cuda.shared.array((SHARERS, KEPT), np.float32)
    sums = cuda.shared.array((SHARERS, WIDEST), np.float32)
    column = cuda.local.array(KEPT, np.float32)
    c, part, low = cuda.threadIdx.x, cuda.threadIdx.y, cuda.blockIdx.y * matrix.shape[1]
    own, h, u = part == 0 and c < matrix.shape[1], np.float32(0), np.float32(0)
    b, t, step, steps = _way(documents, backward, False)
    _keep(matrix, part, c, column, sums)
    if own:
        h = initial[b, low + c]
        u = inputs[t, low + c] if steps else u
    if part == 0:
        vector[c // KEPT, c % KEPT] = h
    for s in range(steps):
        cuda.syncthreads()
        ahead = inputs[t + step, low + c] if own and s + 1 < steps else u
        total = _times(column, vector, part)
        sums[part, c] = total
        cuda.syncthreads()
        if own:
            for i in range(1, SHARERS):
                total += sums[i, c]
            h = _activate(u + total, is_tanh)
            vector[c // KEPT, c % KEPT] = h
            states[t, low + c] = h
            u = ahead
            t += step
    if own:
        final[b, low + c] = h


@kernel(F2, F2, F3, I2, BOOL, BOOL, F2, F2, F3, F3, F2, F2)
def walk_back(
    d_states: Any, states: Any, matrix: Any, documents: Any, backward: bool, is_tanh: bool,
    initial: Any, d_final: Any, gs: Any, befores: Any, d_inputs: Any, d_initial: Any,
) -> None:  # fmt: skip
    """g = f'(h) * (d_state + d) and d = g matrix, from the last step of a document."""
    vector = cuda.shared.array((SHARERS, KEPT), np.float32)
    sums = cuda.shared.array((SHARERS, WIDEST), np.float32)
    column = cuda.local.array(KEPT, np.float32)
    way, width = cuda.blockIdx.y, matrix.shape[1]
    c, part, low = cuda.threadIdx.x, cuda.threadIdx.y, way * width
    own = part == 0 and c < width
    d = d_state = h = first = np.float32(0)
    b, t, step, steps = _way(documents, backward, True)
    _keep(matrix, part, c, column, sums)
    if own:
        d, first = d_final[b, low + c], initial[b, low + c]
        if steps:
            d_state, h = d_states[t, low + c], states[t, low + c]
    if part == 0:
        vector[c // KEPT, c % KEPT] = np.float32(0)
    for s in range(steps):
        ahead, before = d_state, first
        if own:
            g = _slope(h, is_tanh) * (d_state + d)
            vector[c // KEPT, c % KEPT] = g
            if s + 1 < steps:
                ahead, before = d_states[t + step, low + c], states[t + step, low + c]
            gs[way, t, c], befores[way, t, c], d_inputs[t, low + c] = g, before, g
        cuda.syncthreads()
        d = _times(column, vector, part)
        sums[part, c] = d
        cuda.syncthreads()
        if own:
            for i in range(1, SHARERS):
                d += sums[i, c]
            d_state, h = ahead, before
            t += step
    if own:
        d_initial[b, low + c] = d


@inline
def _load_shared(rows: Any, r: int, first: int, end: int, vector: Any) -> None:
    """Copy columns of a row to shared memory, between two barriers."""
    cuda.syncthreads()
    for i in range(cuda.threadIdx.x, min(SHARED_STATES, end - first), cuda.blockDim.x):
        vector[i // AHEAD, i % AHEAD] = rows[r, first + i]
    cuda.syncthreads()


@inline
def _times_shared(matrix: Any, width: int, first: int, c: int, vector: Any) -> Any:
    """What columns in shared memory add to a row's product with column c of the way's matrix."""
    left, total = min(width - first, SHARED_STATES), np.float32(0)
    at: Any = (np.int64(cuda.blockIdx.y) * width + first) * width + c
    for n in range(left // AHEAD):
        for i in range(AHEAD):
            total += matrix[np.uint64(at + i * width)] * vector[n, i]
        at += AHEAD * width
    for i in range(left % AHEAD):
        total += matrix[np.uint64(at + i * width)] * vector[left // AHEAD, i]
    return total


@kernel(F2, F1, I2, BOOL, BOOL, F2, F2, F2)
def walk_wide(
    inputs: Any, matrix: Any, documents: Any, backward: bool, is_tanh: bool, initial: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """As walk, with the matrix read from memory at every step; h is read back from states."""
    vector = cuda.shared.array(_SHAPE, np.float32)
    width = inputs.shape[1] // cuda.gridDim.y
    low = cuda.blockIdx.y * width
    b, t, step, steps = _way(documents, backward, False)
    for s in range(steps):
        for c in range(cuda.threadIdx.x, width + cuda.threadIdx.x, cuda.blockDim.x):
            logit = inputs[t, low + c] if c < width else np.float32(0)
            for first in range(0, width, SHARED_STATES):
                if s:
                    _load_shared(states, t - step, low + first, low + width, vector)
                else:
                    _load_shared(initial, b, low + first, low + width, vector)
                if c < width:
                    logit += _times_shared(matrix, width, first, c, vector)
            if c < width:
                states[t, low + c] = _activate(logit, is_tanh)
        t += step
    for c in range(cuda.threadIdx.x, width, cuda.blockDim.x):
        final[b, low + c] = states[t - step, low + c] if steps else initial[b, low + c]


@kernel(F2, F2, F1, I2, BOOL, BOOL, F2, F2, F3, F3, F2, F2)
def walk_back_wide(
    d_states: Any, states: Any, matrix: Any, documents: Any, backward: bool, is_tanh: bool,
    initial: Any, d_final: Any, gs: Any, befores: Any, d_inputs: Any, d_initial: Any,
) -> None:  # fmt: skip
    """As walk_back, with the matrix read at every step; d_initial holds d meanwhile."""
    vector = cuda.shared.array(_SHAPE, np.float32)
    way, width = cuda.blockIdx.y, gs.shape[2]
    low = way * width
    b, t, step, steps = _way(documents, backward, True)
    for c in range(cuda.threadIdx.x, width, cuda.blockDim.x):
        d_initial[b, low + c] = d_final[b, low + c]
    for s in range(steps):
        for c in range(cuda.threadIdx.x, width, cuda.blockDim.x):
            d = d_states[t, low + c] + d_initial[b, low + c]
            g = _slope(states[t, low + c], is_tanh) * d
            last = s + 1 == steps
            befores[way, t, c] = initial[b, low + c] if last else states[t + step, low + c]
            gs[way, t, c], d_inputs[t, low + c] = g, g
        for c in range(cuda.threadIdx.x, width + cuda.threadIdx.x, cuda.blockDim.x):
            d = np.float32(0)
            for first in range(0, width, SHARED_STATES):
                _load_shared(d_inputs, t, low + first, low + width, vector)
                if c < width:
                    d += _times_shared(matrix, width, first, c, vector)
            if c < width:
                d_initial[b, low + c] = d
        t += step
