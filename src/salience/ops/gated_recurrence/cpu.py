"""gated_recurrence on the CPU."""

from typing import Any

import numpy as np

from ... import threads
from ...cpu.jit import F2, I1, INT, OUT2, inline, kernel
from ...cpu.scalars import sigmoid
from ...cpu.scans import make_scan
from ...types import Floats, Ints
from ..walks import split_at

ROWS_IN_CACHE = 32
"""Rows whose gates are computed, and then used while they are in cache."""


def forward(
    inputs: Floats, gate_logits: Floats, starts: Ints, initial: Floats, direction: str
) -> tuple[Floats, Floats]:
    """h_t = g_t * h_{t-1} + (1 - g_t) * u_t with g_t = sigmoid(z_t)."""
    states, final = np.empty_like(inputs), initial.copy()
    split = split_at(direction, inputs.shape[1])

    def task(run: threads.Run) -> None:
        gates = _gates(inputs.shape[1])
        scan(inputs, gate_logits, run.starts, split, gates, states, final[run.documents])

    threads.run(task, threads.runs(starts))
    return states, final


def backprop(
    d_states: Floats, d_final: Floats, states: Floats, inputs: Floats, gate_logits: Floats,
    starts: Ints, initial: Floats, direction: str,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """With e_t = d_t + g_{t+1} e_{t+1}: dL/du = (1 - g) e, dL/dz = g (1 - g) e (h_{t-1} - u)."""
    d_inputs, d_gate_logits = np.empty_like(states), np.empty_like(states)
    d_initial, split = d_final.copy(), split_at(direction, states.shape[1])

    def task(run: threads.Run) -> None:
        own = run.documents
        gates = _gates(states.shape[1])
        scan_back(
            d_states, states, inputs, gate_logits, run.starts, split, initial[own],
            gates, d_inputs, d_gate_logits, d_initial[own],
        )  # fmt: skip

    threads.run(task, threads.runs(starts))
    return d_inputs, d_gate_logits, d_initial


def _gates(width: int) -> Floats:
    """Return memory for the gates of ROWS_IN_CACHE rows, and a last row of ones."""
    return np.ones((ROWS_IN_CACHE + 1, width), dtype=np.float32)


def _step(ops: Any, carried: Any, constants: Any, read: Any) -> Any:
    (h,), (one,), (u, g) = carried, constants, read
    # Not u + g (h - u): the difference may overflow float32.
    h = ops.multiply_add(g, h, ops.multiply(ops.subtract(one, g), u))
    return [h], [h]


def _step_back(ops: Any, carried: Any, constants: Any, read: Any) -> Any:
    (d,), (one,), (d_state, before, u, g) = carried, constants, read
    e = ops.add(d_state, d)
    d = ops.multiply(g, e)
    d_u = ops.multiply(ops.subtract(one, g), e)
    return [d], [d_u, ops.multiply(ops.multiply(d_u, g), ops.subtract(before, u))]


_scan, _scan_back = make_scan(_step), make_scan(_step_back)


@inline
def _gate(logits: Floats, first: int, steps: int, low: int, high: int, gates: Floats) -> None:
    for t in range(steps):
        g, z = gates[t, low:high], logits[first + t, low:high]
        for c in range(len(g)):
            g[c] = sigmoid(z[c])


@kernel(F2, F2, I1, INT, OUT2, OUT2, OUT2)
def scan(
    inputs: Floats, gate_logits: Floats, starts: Ints, split: int,
    gates: Floats, states: Floats, final: Floats,
) -> None:  # fmt: skip
    """States before the split run forward in time, others backward; final comes as initial."""
    width, ones = inputs.shape[1], (gates[ROWS_IN_CACHE],)
    for b in range(len(starts) - 1):
        start, end, h = starts[b], starts[b + 1], (final[b],)
        for t in range(start, end, ROWS_IN_CACHE):
            n = min(ROWS_IN_CACHE, end - t)
            _gate(gate_logits, t, n, 0, split, gates)
            _scan((n, 1, 0, split), h, ones, ((inputs, t), (gates, 0)), ((states, t),))
        for t in range(end - 1, start - 1, -ROWS_IN_CACHE):
            n = min(ROWS_IN_CACHE, t - start + 1)
            _gate(gate_logits, t - n + 1, n, split, width, gates)
            _scan((n, -1, split, width), h, ones, ((inputs, t), (gates, n - 1)), ((states, t),))


@kernel(F2, F2, F2, F2, I1, INT, F2, OUT2, OUT2, OUT2, OUT2)
def scan_back(
    d_states: Floats, states: Floats, inputs: Floats, gate_logits: Floats, starts: Ints,
    split: int, initial: Floats,
    gates: Floats, d_inputs: Floats, d_gate_logits: Floats, d_initial: Floats,
) -> None:  # fmt: skip
    """The same walks from their ends; the first step's h_{t-1} is the initial state."""
    width, d_x, d_z = inputs.shape[1], d_inputs, d_gate_logits
    ones = (gates[ROWS_IN_CACHE],)
    for b in range(len(starts) - 1):
        start, end, d = starts[b], starts[b + 1], (d_initial[b],)
        for t in range(end - 1, start - 1, -ROWS_IN_CACHE):
            n = min(ROWS_IN_CACHE, t - start + 1)
            inner, edge = min(n, t - start), t - min(n, t - start)
            _gate(gate_logits, t - n + 1, n, 0, split, gates)
            _scan_back(
                (inner, -1, 0, split), d, ones,
                ((d_states, t), (states, t - 1), (inputs, t), (gates, n - 1)), ((d_x, t), (d_z, t)),
            )  # fmt: skip
            _scan_back(
                (n - inner, -1, 0, split), d, ones,
                ((d_states, edge), (initial, b), (inputs, edge), (gates, 0)),
                ((d_x, edge), (d_z, edge)),
            )  # fmt: skip
        for t in range(start, end, ROWS_IN_CACHE):
            n = min(ROWS_IN_CACHE, end - t)
            inner, edge = min(n, end - 1 - t), t + min(n, end - 1 - t)
            _gate(gate_logits, t, n, split, width, gates)
            _scan_back(
                (inner, 1, split, width), d, ones,
                ((d_states, t), (states, t + 1), (inputs, t), (gates, 0)), ((d_x, t), (d_z, t)),
            )  # fmt: skip
            _scan_back(
                (n - inner, 1, split, width), d, ones,
                ((d_states, edge), (initial, b), (inputs, edge), (gates, n - 1)),
                ((d_x, edge), (d_z, edge)),
            )  # fmt: skip
