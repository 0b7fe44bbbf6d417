"""linear_recurrence on the GPU: a thread a state, chunks of a long document side by side.

Every chunk of a divided document first runs from 0 to its end (*_ends); from
the ends each chunk's true beginning follows; then all chunks run.
"""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.carries import begins, nothing, over
from ...cuda.chunks import chunks_of
from ...cuda.jit import BOOL, F1, F2, I1, I2, INT, inline, kernel
from ...cuda.sums import column_sums
from ...cuda.walks import AHEAD, flat, is_last, place, walk
from ...types import Ints
from ..walks import split_at


def forward(inputs: Any, decay: Any, starts: Ints, initial: Any, direction: str) -> tuple[Any, Any]:
    """h_t = h_{t-1} * w_h + u_t."""
    chunks, split = chunks_of(starts), split_at(direction, len(decay))
    states, final, begin = arrays.empty_like(inputs), arrays.empty_like(initial), initial
    grid = over(len(chunks), len(decay))
    if chunks.divided:
        ends, factors = nothing(chunks, len(decay))
        scan_ends[grid](flat(inputs), decay, chunks.rows, split, False, ends, factors)
        begin = begins(chunks, ends, factors, initial, split)
    scan[grid](flat(inputs), decay, chunks.rows, chunks.ends, split, begin, flat(states), final)
    return states, final


def backprop(
    d_states: Any, d_final: Any, states: Any, decay: Any,
    starts: Ints, initial: Any, direction: str,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """g_t = d_t + g_{t+1} * w_h is the gradient of u_t; that of w_h is sum_t g_t * h_{t-1}."""
    chunks, split = chunks_of(starts), split_at(direction, len(decay))
    d_inputs, d_initial, begin = arrays.empty_like(states), arrays.empty_like(initial), d_final
    d_decay, grid = arrays.empty(len(chunks), len(decay)), over(len(chunks), len(decay))
    if chunks.divided:
        ends, factors = nothing(chunks, len(decay))
        scan_ends[grid](flat(d_states), decay, chunks.rows, split, True, ends, factors)
        begin = begins(chunks, ends, factors, d_final, split, reverse=True)
    scan_back[grid](
        flat(d_states), flat(states), decay, chunks.rows, chunks.ends, split, begin, initial,
        flat(d_inputs), d_initial, d_decay,
    )  # fmt: skip
    return d_inputs, column_sums(d_decay), d_initial


@kernel(F1, F1, I2, INT, BOOL, F2, F2)
def scan_ends(
    inputs: Any, decay: Any, chunks: Any, split: int, back: bool, ends: Any, factors: Any
) -> None:
    """The end of a chunk that begins with 0, and what its beginning is multiplied by.

    Of gradients, back, it is g_t * w_h that the next chunk begins with.
    """
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    u, w, h = cuda.local.array(AHEAD, np.float32), decay[c], np.float32(0)
    at, step, steps = walk(chunks, k, c, len(decay), (c < split) != back)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            u[i] = inputs[place(at, step, i, steps - n)]
        for i in range(AHEAD):
            if i < steps - n:
                h = (h + u[i]) * w if back else h * w + u[i]
        at += AHEAD * step
    ends[k, c], factors[k, c] = h, _power(w, steps)


@kernel(F1, F1, I2, I1, INT, F2, F1, F2)
def scan(
    inputs: Any, decay: Any, chunks: Any, chunk_ends: Any, split: int, begin: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """h = h * w_h + u along one chunk; the last one's end is the document's."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    u, w, h = cuda.local.array(AHEAD, np.float32), decay[c], begin[k, c]
    at, step, steps = walk(chunks, k, c, len(decay), c < split)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            u[i] = inputs[place(at, step, i, steps - n)]
        for i in range(AHEAD):
            if i < steps - n:
                h = h * w + u[i]
                states[np.uint64(at + i * step)] = h
        at += AHEAD * step
    if is_last(chunks, chunk_ends, k, c < split):
        final[chunks[k, 2], c] = h


@kernel(F1, F1, F1, I2, I1, INT, F2, F2, F1, F2, F2)
def scan_back(
    d_states: Any, states: Any, decay: Any, chunks: Any, chunk_ends: Any, split: int,
    begin: Any, initial: Any, d_inputs: Any, d_initial: Any, d_decay: Any,
) -> None:  # fmt: skip
    """g = d + g * w_h from the last step of a chunk to its first; d_decay is the chunk's share."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    d, before = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(chunks, k, c, len(decay), c >= split)
    b, edge = chunks[k, 2], is_last(chunks, chunk_ends, k, c >= split)
    # Before the document's first step, the walk back's last, is the initial state.
    inner = steps - 1 if edge else steps
    w, g, first, share = decay[c], begin[k, c], initial[b, c], np.float32(0)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            d[i] = d_states[place(at, step, i, steps - n)]
            before[i] = states[place(at, step, i + 1, inner - n + 1)]
        for i in range(AHEAD):
            if i < steps - n:
                g += d[i]
                d_inputs[np.uint64(at + i * step)] = g
                share += g * (before[i] if i < inner - n else first)
                g *= w
        at += AHEAD * step
    d_decay[k, c] = share
    if edge:
        d_initial[b, c] = g


@inline
def _power(w: Any, n: int) -> Any:
    """w^n by squares, which rounds seldom."""
    result = np.float32(1)
    while n:
        if n & 1:
            result *= w
        w *= w
        n >>= 1
    return result
