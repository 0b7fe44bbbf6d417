"""tanh_recurrence on the CPU: documents side by side, so that a step is a matrix product."""

from itertools import product
from typing import TypeAlias

import numpy as np

from ... import threads
from ...cpu.jit import BOOL, F2, I1, INT, OUT2, inline, kernel
from ...cpu.products import add_product, add_transposed_product, clear
from ...cpu.scalars import tanh
from ...types import Floats, Ints
from ..walks import split_at

# The number of a way (direction), its first column, and whether it runs backward.
_Way: TypeAlias = tuple[int, int, bool]

# Documents that step together: enough to reuse the matrix while it is in
# cache. They are of about the same length, so that most stay to the end.
ABREAST = 32


def forward(
    inputs: Floats, weight: Floats, starts: Ints, initial: Floats, direction: str, activation: str
) -> tuple[Floats, Floats]:
    """h_t = tanh(u_t + W_h h_{t-1}), or relu."""
    states, final = np.empty_like(inputs), initial.copy()
    # The kernel multiplies rows by W_h'.
    matrix = np.ascontiguousarray(np.swapaxes(weight, 1, 2))

    def task(item: tuple[Ints, _Way]) -> None:
        own, (way, low, backward) = item
        h, logits = np.empty((2, ABREAST, len(matrix[way])), np.float32)
        step_abreast(
            inputs, matrix[way], starts, own, low, backward, activation == "tanh",
            h, logits, states, final,
        )  # fmt: skip

    threads.run(task, list(product(_abreast(starts), _ways(direction, inputs.shape[1]))))
    return states, final


def backprop(
    d_states: Floats, d_final: Floats, states: Floats, weight: Floats,
    starts: Ints, initial: Floats, direction: str, activation: str,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """g_t = f'(h_t) * (d_t + W_h' g_{t+1}) is the gradient of u_t; W_h's is sum_t g_t h_{t-1}'."""
    d_inputs, d_initial, runs = np.empty_like(states), d_final.copy(), threads.runs(starts)
    d_weight = np.zeros((len(runs), *weight.shape), dtype=np.float32)
    ways = _ways(direction, states.shape[1])

    def task(item: tuple[Ints, _Way]) -> None:
        own, (way, low, backward) = item
        g, d = np.empty((2, ABREAST, len(weight[way])), np.float32)
        step_back_abreast(
            d_states, states, weight[way], starts, own, low, backward, activation == "tanh",
            g, d, d_inputs, d_initial,
        )  # fmt: skip

    def outer(run: threads.Run) -> None:
        for way, low, backward in ways:
            add_outer(
                d_inputs, states, initial[run.documents], run.starts, low, backward,
                d_weight[run.number, way],
            )  # fmt: skip

    threads.run(task, list(product(_abreast(starts), ways)))
    threads.run(outer, runs)
    return d_inputs, d_weight.sum(axis=0), d_initial


def _abreast(starts: Ints) -> list[Ints]:
    """The documents that step together, the longest first."""
    order = np.argsort(-np.diff(starts), kind="stable")
    return [order[first : first + ABREAST] for first in range(0, len(order), ABREAST)]


def _ways(direction: str, states: int) -> list[_Way]:
    if direction == "both":
        return [(0, 0, False), (1, split_at(direction, states), True)]
    return [(0, 0, direction == "backward")]


@inline
def _row(starts: Ints, b: int, step: int, backward: bool) -> int:
    """The row that document b is at after so many steps."""
    return int(starts[b + 1] - 1 - step if backward else starts[b] + step)


@kernel(F2, F2, I1, I1, INT, BOOL, BOOL, OUT2, OUT2, OUT2, OUT2)
def step_abreast(
    inputs: Floats, matrix: Floats, starts: Ints, own: Ints, low: int, backward: bool,
    is_tanh: bool, h: Floats, logits: Floats, states: Floats, final: Floats,
) -> None:  # fmt: skip
    """h = f(u + h matrix) for the documents `own`, step by step; those that have ended drop out."""
    width, alive = len(matrix), len(own)
    for i in range(len(own)):
        for c in range(width):
            h[i, c] = final[own[i], low + c]
    for step in range(starts[own[0] + 1] - starts[own[0]]):
        while starts[own[alive - 1] + 1] - starts[own[alive - 1]] <= step:
            alive -= 1
        for i in range(alive):
            u = inputs[_row(starts, own[i], step, backward), low : low + width]
            for c in range(width):
                logits[i, c] = u[c]
        add_product(h, (0, alive), (0, width), matrix, 0, (0, width), logits, 0, 0)
        for i in range(alive):
            now = states[_row(starts, own[i], step, backward), low : low + width]
            _activate(logits[i], is_tanh, h[i])
            for c in range(width):
                now[c] = h[i, c]
    for i in range(len(own)):
        for c in range(width):
            final[own[i], low + c] = h[i, c]


@inline
def _activate(logits: Floats, is_tanh: bool, h: Floats) -> None:
    if is_tanh:
        for c in range(len(h)):
            h[c] = tanh(logits[c])
    else:
        for c in range(len(h)):
            h[c] = max(logits[c], np.float32(0))


@kernel(F2, F2, F2, I1, I1, INT, BOOL, BOOL, OUT2, OUT2, OUT2, OUT2)
def step_back_abreast(
    d_states: Floats, states: Floats, weight: Floats, starts: Ints, own: Ints, low: int,
    backward: bool, is_tanh: bool, g: Floats, d: Floats, d_inputs: Floats, d_initial: Floats,
) -> None:  # fmt: skip
    """g = f' * (d_states + d) and d = g W_h, from the last step; documents join as they end."""
    width, alive = len(weight), 0
    for i in range(len(own)):
        for c in range(width):
            d[i, c] = d_initial[own[i], low + c]
    for step in range(starts[own[0] + 1] - starts[own[0]] - 1, -1, -1):
        while alive < len(own) and starts[own[alive] + 1] - starts[own[alive]] > step:
            alive += 1
        for i in range(alive):
            row = _row(starts, own[i], step, backward)
            columns = slice(low, low + width)
            _slope_times(d_states[row, columns], states[row, columns], is_tanh, d[i], g[i])
            out = d_inputs[row, columns]
            for c in range(width):
                out[c] = g[i, c]
            clear(d[i])
        add_product(g, (0, alive), (0, width), weight, 0, (0, width), d, 0, 0)
    for i in range(len(own)):
        for c in range(width):
            d_initial[own[i], low + c] = d[i, c]


@inline
def _slope_times(d_state: Floats, state: Floats, is_tanh: bool, d: Floats, g: Floats) -> None:
    one, zero = np.float32(1), np.float32(0)
    if is_tanh:
        for c in range(len(g)):
            g[c] = (one - state[c] * state[c]) * (d_state[c] + d[c])
    else:
        for c in range(len(g)):
            slope = one if state[c] > zero else zero
            g[c] = slope * (d_state[c] + d[c])


@kernel(F2, F2, F2, I1, INT, BOOL, OUT2)
def add_outer(
    d_inputs: Floats, states: Floats, initial: Floats, starts: Ints, low: int, backward: bool,
    d_weight: Floats,
) -> None:  # fmt: skip
    """d_weight += sum_t g_t h_{t-1}', document by document."""
    span = (low, low + len(d_weight))
    for b in range(len(starts) - 1):
        first, last = starts[b], starts[b + 1]
        if first == last:
            continue
        head, inner, before = first, (first + 1, last), first
        if backward:
            head, inner, before = last - 1, (first, last - 1), first + 1
        add_transposed_product(
            d_inputs, (head, head + 1), span, initial, b, span, d_weight, 0, 0
        )  # fmt: skip
        add_transposed_product(d_inputs, inner, span, states, before, span, d_weight, 0, 0)
