"""gated_recurrence on the GPU: one thread per state and segment of a document.

It takes the three passes of linear_recurrence; a segment's factor is the product of its gates.
"""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.carries import begins, nothing, over
from ...cuda.jit import F1, F2, I1, I2, INT, kernel
from ...cuda.scalars import sigmoid
from ...cuda.segments import segments_of
from ...cuda.walks import AHEAD, flat, is_last, place, walk
from ...types import Ints
from ..walks import split_at


def forward(
    inputs: Any, gate_logits: Any, starts: Ints, initial: Any, direction: str
) -> tuple[Any, Any]:
    """h_t = g_t * h_{t-1} + (1 - g_t) * u_t with g_t = sigmoid(z_t)."""
    segments, split = segments_of(starts), split_at(direction, inputs.shape[1])
    states, final, begin = arrays.empty_like(inputs), arrays.empty_like(initial), initial
    grid = over(len(segments), inputs.shape[1])
    if segments.divided:
        ends, factors = nothing(segments, inputs.shape[1])
        scan_ends[grid](flat(inputs), flat(gate_logits), segments.rows, split, ends, factors)
        begin = begins(segments, ends, factors, initial, split)
    scan[grid](
        flat(inputs), flat(gate_logits), segments.rows, segments.ends, split, begin,
        flat(states), final,
    )  # fmt: skip
    return states, final


def backprop(
    d_states: Any, d_final: Any, states: Any, inputs: Any, gate_logits: Any,
    starts: Ints, initial: Any, direction: str,
) -> tuple[Any, Any, Any]:  # fmt: skip
    """With e_t = d_t + g_{t+1} e_{t+1}: dL/du = (1 - g) e, dL/dz = g (1 - g) e (h_{t-1} - u)."""
    segments, split = segments_of(starts), split_at(direction, states.shape[1])
    d_inputs, d_gate_logits = arrays.empty_like(states), arrays.empty_like(states)
    d_initial, begin = arrays.empty_like(initial), d_final
    grid = over(len(segments), states.shape[1])
    if segments.divided:
        ends, factors = nothing(segments, states.shape[1])
        scan_back_ends[grid](flat(d_states), flat(gate_logits), segments.rows, split, ends, factors)
        begin = begins(segments, ends, factors, d_final, split, reverse=True)
    scan_back[grid](
        flat(d_states), flat(states), flat(inputs), flat(gate_logits), segments.rows, segments.ends,
        split, begin, initial, flat(d_inputs), flat(d_gate_logits), d_initial,
    )  # fmt: skip
    return d_inputs, d_gate_logits, d_initial


@kernel(F1, F1, I2, INT, F2, F2)
def scan_ends(
    inputs: Any, gate_logits: Any, segments: Any, split: int, ends: Any, factors: Any
) -> None:
    """Each segment's end when it begins with 0, and the factor of its true beginning."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    width = ends.shape[1]
    if c >= width:
        return
    u, g = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(segments, k, c, width, c < split)
    h, factor = np.float32(0), np.float32(1)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            p = place(at, step, i, steps - n)
            u[i], g[i] = inputs[p], sigmoid(gate_logits[p])
        for i in range(AHEAD):
            if i < steps - n:
                h = g[i] * h + (np.float32(1) - g[i]) * u[i]
                factor *= g[i]
        at += AHEAD * step
    ends[k, c], factors[k, c] = h, factor


@kernel(F1, F1, I2, I1, INT, F2, F1, F2)
def scan(
    inputs: Any, gate_logits: Any, segments: Any, segment_ends: Any, split: int, begin: Any,
    states: Any, final: Any,
) -> None:  # fmt: skip
    """h = g * h + (1 - g) * u along one segment; the last one's end is the document's."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    width = final.shape[1]
    if c >= width:
        return
    u, g = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(segments, k, c, width, c < split)
    h = begin[k, c]
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            p = place(at, step, i, steps - n)
            u[i], g[i] = inputs[p], sigmoid(gate_logits[p])
        for i in range(AHEAD):
            if i < steps - n:
                h = g[i] * h + (np.float32(1) - g[i]) * u[i]
                states[np.uint64(at + i * step)] = h
        at += AHEAD * step
    if is_last(segments, segment_ends, k, c < split):
        final[segments[k, 2], c] = h


@kernel(F1, F1, I2, INT, F2, F2)
def scan_back_ends(
    d_states: Any, gate_logits: Any, segments: Any, split: int, ends: Any, factors: Any
) -> None:
    """The same for the walk back: the end is g_t * e_t, with which the next segment begins."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    width = ends.shape[1]
    if c >= width:
        return
    d_state, g = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(segments, k, c, width, c >= split)
    d, factor = np.float32(0), np.float32(1)
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            p = place(at, step, i, steps - n)
            d_state[i], g[i] = d_states[p], sigmoid(gate_logits[p])
        for i in range(AHEAD):
            if i < steps - n:
                d = g[i] * (d_state[i] + d)
                factor *= g[i]
        at += AHEAD * step
    ends[k, c], factors[k, c] = d, factor


@kernel(F1, F1, F1, F1, I2, I1, INT, F2, F2, F1, F1, F2)
def scan_back(
    d_states: Any, states: Any, inputs: Any, gate_logits: Any, segments: Any, segment_ends: Any,
    split: int, begin: Any, initial: Any, d_inputs: Any, d_gate_logits: Any, d_initial: Any,
) -> None:  # fmt: skip
    """e = d_state + d and d = g * e from the last step of a segment to its first."""
    k, c = cuda.blockIdx.x, cuda.blockIdx.y * cuda.blockDim.x + cuda.threadIdx.x
    width = initial.shape[1]
    if c >= width:
        return
    d_state, g = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    u, before = cuda.local.array(AHEAD, np.float32), cuda.local.array(AHEAD, np.float32)
    at, step, steps = walk(segments, k, c, width, c >= split)
    b, edge = segments[k, 2], is_last(segments, segment_ends, k, c >= split)
    # Before the document's first step, the last of the walk back, is the initial state.
    inner = steps - 1 if edge else steps
    d, first = begin[k, c], initial[b, c]
    for n in range(0, steps, AHEAD):
        for i in range(AHEAD):
            p = place(at, step, i, steps - n)
            d_state[i], u[i], g[i] = d_states[p], inputs[p], sigmoid(gate_logits[p])
            before[i] = states[place(at, step, i + 1, inner - n + 1)]
        for i in range(AHEAD):
            if i < steps - n:
                p, e = np.uint64(at + i * step), d_state[i] + d
                d_u = (np.float32(1) - g[i]) * e
                d_inputs[p] = d_u
                d_gate_logits[p] = g[i] * d_u * ((before[i] if i < inner - n else first) - u[i])
                d = g[i] * e
        at += AHEAD * step
    if edge:
        d_initial[b, c] = d
