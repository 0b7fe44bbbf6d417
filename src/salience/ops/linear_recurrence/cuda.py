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
from ...types import Ints
from ..walks import split_at

AHEAD = 8
"""Steps whose numbers are read before the first is used, so that the reads overlap."""


def forward(inputs: Any, decay: Any, starts: Ints, initial: Any, direction: str) -> tuple[Any, Any]:
    """h_t = h_{t-1} * w_h + u_t."""
    chunks, split = chunks_of(starts), split_at(direction, len(decay))
    states, final, begin = arrays.empty_like(inputs), arrays.empty_like(initial), initial
    grid = over(len(chunks), len(decay))
    if chunks.divided:
        ends, factors = nothing(chunks, len(decay))
        scan_ends[grid](inputs, decay, chunks.rows, split, False, ends, factors)
        begin = begins(chunks, ends, factors, initial, split)
    scan[grid](inputs, decay, chunks.rows, chunks.ends, split, begin, states, final)
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
        scan_ends[grid](d_states, decay, chunks.rows, split, True, ends, factors)
        begin = begins(chunks, ends, factors, d_final, split, reverse=True)
    scan_back[grid](
        d_states, states, decay, chunks.rows, chunks.ends, split, begin, initial,
        d_inputs, d_initial, d_decay,
    )  # fmt: skip
    return d_inputs, column_sums(d_decay), d_initial


@kernel(F2, F1, I2, INT, BOOL, F2, F2)
def scan_ends(
    inputs: Any, decay: Any, chunks: Any, split: int, back: bool, ends: Any, factors: Any
) -> None:
    """The end of a chunk that begins with 0, and what its beginning is multiplied by.

    Of gradients, back, it is g_t * w_h that the next chunk begins with.
    """
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    ahead = cuda.local.array(AHEAD, np.float32)
    first, last, w, h = chunks[k, 0], chunks[k, 1], decay[c], np.float32(0)
    t, step = (first, 1) if (c < split) != back else (last - 1, -1)
    for _ in range((last - first) // AHEAD):
        for i in range(AHEAD):
            ahead[i] = inputs[t + i * step, c]
        for i in range(AHEAD):
            h = (h + ahead[i]) * w if back else h * w + ahead[i]
        t += AHEAD * step
    for _ in range((last - first) % AHEAD):
        h = (h + inputs[t, c]) * w if back else h * w + inputs[t, c]
        t += step
    ends[k, c] = h
    factors[k, c] = _power(w, last - first)


@kernel(F2, F1, I2, I1, INT, F2, F2, F2)
def scan(
    inputs: Any, decay: Any, chunks: Any, chunk_ends: Any, split: int, begin: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """h = h * w_h + u along one chunk; the last one's end is the document's."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    ahead = cuda.local.array(AHEAD, np.float32)
    first, last, b, w, h = chunks[k, 0], chunks[k, 1], chunks[k, 2], decay[c], begin[k, c]
    t, step = (first, 1) if c < split else (last - 1, -1)
    for _ in range((last - first) // AHEAD):
        for i in range(AHEAD):
            ahead[i] = inputs[t + i * step, c]
        for i in range(AHEAD):
            h = h * w + ahead[i]
            states[t + i * step, c] = h
        t += AHEAD * step
    for _ in range((last - first) % AHEAD):
        h = h * w + inputs[t, c]
        states[t, c] = h
        t += step
    if k == (chunk_ends[b + 1] - 1 if c < split else chunk_ends[b]):
        final[b, c] = h


@kernel(F2, F2, F1, I2, I1, INT, F2, F2, F2, F2, F2)
def scan_back(
    d_states: Any, states: Any, decay: Any, chunks: Any, chunk_ends: Any, split: int,
    begin: Any, initial: Any, d_inputs: Any, d_initial: Any, d_decay: Any,
) -> None:  # fmt: skip
    """g = d + g * w_h from the last step of a chunk to its first; d_decay is the chunk's share."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    ahead, before = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    first, last, b, w, g = chunks[k, 0], chunks[k, 1], chunks[k, 2], decay[c], begin[k, c]
    # Where in the walk back the document's first step lies, before which is the initial state.
    whole = last - first
    edge = k == (chunk_ends[b] if c < split else chunk_ends[b + 1] - 1)
    inner = max(whole - 1, 0) if edge else whole
    t, step = (last - 1, -1) if c < split else (first, 1)
    share = np.float32(0)
    for _ in range(inner // AHEAD):
        for i in range(AHEAD):
            ahead[i], before[i] = d_states[t + i * step, c], states[t + (i + 1) * step, c]
        for i in range(AHEAD):
            g = ahead[i] + g
            d_inputs[t + i * step, c] = g
            share += g * before[i]
            g *= w
        t += AHEAD * step
    for n in range(inner // AHEAD * AHEAD, whole):
        g = d_states[t, c] + g
        d_inputs[t, c] = g
        share += g * (states[t + step, c] if n < inner else initial[b, c])
        g *= w
        t += step
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
