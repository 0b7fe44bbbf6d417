"""output_gate on the CPU."""

import numpy as np

from ... import threads
from ...cpu.jit import F2, OUT2, kernel
from ...cpu.scalars import sigmoid
from ...types import Floats


def forward(states: Floats, logits: Floats) -> Floats:
    """y_t = sigmoid(o_t) * h_t."""
    y = np.empty_like(logits)

    def task(rows: slice) -> None:
        y[rows] = logits[rows]
        gate(states[rows], y[rows])

    threads.run(task, threads.slices(len(y)))
    return y


def backprop(d_y: Floats, states: Floats, logits: Floats) -> tuple[Floats, Floats]:
    """With s = sigmoid(o): dL/dh = s * dL/dy and dL/do = s * (1 - s) * h * dL/dy."""
    d_states, d_logits = np.empty_like(states), np.empty_like(logits)

    def task(rows: slice) -> None:
        gate_back(d_y[rows], states[rows], logits[rows], d_states[rows], d_logits[rows])

    threads.run(task, threads.slices(len(d_y)))
    return d_states, d_logits


@kernel(F2, OUT2)
def gate(states: Floats, y: Floats) -> None:
    """y = sigmoid(o) * h, where y comes as o: so the encoder needs no array for the logits."""
    for t in range(len(y)):
        h_t, y_t = states[t], y[t]
        for c in range(len(y_t)):
            y_t[c] = sigmoid(y_t[c]) * h_t[c]


@kernel(F2, F2, F2, OUT2, OUT2)
def gate_back(
    d_y: Floats, states: Floats, logits: Floats, d_states: Floats, d_logits: Floats
) -> None:
    """d_states = s * d_y and d_logits = d_states * (1 - s) * h."""
    for t in range(len(d_y)):
        d_y_t, h_t, o_t, d_h_t, d_o_t = d_y[t], states[t], logits[t], d_states[t], d_logits[t]
        for c in range(len(d_y_t)):
            s = sigmoid(o_t[c])
            d = s * d_y_t[c]
            d_h_t[c] = d
            d_o_t[c] = d * (np.float32(1) - s) * h_t[c]
