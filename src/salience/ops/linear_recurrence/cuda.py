"""linear_recurrence on the GPU: one thread per state and segment of a document.

Three passes: every segment of a divided document runs from 0 to its end (*_ends);
from the ends each segment's true beginning follows (carries.begins); with it all
segments run again, and write their states.
"""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.carries import begins, nothing, over
from ...cuda.jit import BOOL, F1, F2, I1, I2, INT, inline, kernel
from ...cuda.segments import segments_of
from ...cuda.sums import column_sums
from ...cuda.walks import AHEAD, flat, is_last, place, walk
from ...types import Ints
from ..walks import split_at


def forward(inputs: Any, decay: Any, starts: Ints, initial: Any, direction: str) -> tuple[Any, Any]:
    """h_t = h_{t-1} * w_h + u_t."""
    segments, split = segments_of(starts), split_at(direction, len(decay))
    states, final, begin = arrays.empty_like(inputs), arrays.empty_like(initial), initial
    grid = over(len(segments), len(decay))
    if segments.divided:
        ends, factors = nothing(segments, len(decay))
        scan_ends[grid](flat(inputs), decay, segments.rows, split, False, ends, factors)
        begin = begins(segments, ends, factors, initial, split)
    scan[grid](flat(inputs), decay, segments.rows, segments.ends, split, begin, flat(states), final)
    return states, final


def backprop(
    d_states: Any, d_final: Any, states: Any, decay: Any,
    starts: Ints, initial: Any, direction: str,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """g_t = d_t + g_{t+1} * w_h is the gradient of u_t; that of w_h is sum_t g_t * h_{t-1}."""
    segments, split = segments_of(starts), split_at(direction, len(decay))
    d_inputs, d_initial, begin = arrays.empty_like(states), arrays.empty_like(initial), d_final
    d_decay, grid = arrays.empty(len(segments), len(decay)), over(len(segments), len(decay))
    if segments.divided:
        ends, factors = nothing(segments, len(decay))
        scan_ends[grid](flat(d_states), decay, segments.rows, split, True, ends, factors)
        begin = begins(segments, ends, factors, d_final, split, reverse=True)
    scan_back[grid](
        flat(d_states), flat(states), decay, segments.rows, segments.ends, split, begin, initial,
        flat(d_inputs), d_initial, d_decay,
    )  # fmt: skip
    return d_inputs, column_sums(d_decay), d_initial


@kernel(F1, F1, I2, INT, BOOL, F2, F2)
def scan_ends(
    inputs: Any, decay: Any, segments: Any, split: int, back: bool, ends: Any, factors: Any
) -> None:
    """Each segment's end when it begins with 0, and the factor of its true beginning.

    In the walk back, of gradients, the end is g_t * w_h, with which the next begins.
    """
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    u, w, h = cuda.local.array(AHEAD, np.float32), decay[c], np.float32(0)
    at, step, steps = walk(segments, k, c, len(decay), (c < split) != back)
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
    inputs: Any, decay: Any, segments: Any, segment_ends: Any, split: int, begin: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """h = h * w_h + u along one segment; the last one's end is the document's."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    u, w, h = cuda.local.array(AHEAD, np.float32), decay[c], begin[k, c]
    at, step, steps = walk(segments, k, c, len(decay), c < split)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            u[i] = inputs[place(at, step, i, steps - n)]
        for i in range(AHEAD):
            if i < steps - n:
                h = h * w + u[i]
                states[np.uint64(at + i * step)] = h
        at += AHEAD * step
    if is_last(segments, segment_ends, k, c < split):
        final[segments[k, 2], c] = h


@kernel(F1, F1, F1, I2, I1, INT, F2, F2, F1, F2, F2)
def scan_back(
    d_states: Any, states: Any, decay: Any, segments: Any, segment_ends: Any, split: int,
    begin: Any, initial: Any, d_inputs: Any, d_initial: Any, d_decay: Any,
) -> None:  # fmt: skip
    """g = d + g * w_h from the last step of a segment to its first; d_decay is its share."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    if c >= len(decay):
        return
    d, before = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(segments, k, c, len(decay), c >= split)
    b, edge = segments[k, 2], is_last(segments, segment_ends, k, c >= split)
    # Before the document's first step, the last of the walk back, is the initial state.
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
    """w^n by repeated squaring, which rounds few times."""
    result = np.float32(1)
    while n:
        if n & 1:
            result *= w
        w *= w
        n >>= 1
    return result
