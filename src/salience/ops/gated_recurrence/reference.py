"""gated_recurrence in NumPy, one line per equation."""

import numpy as np

from ..walks import walks


def forward(
    inputs: np.ndarray, gate_logits: np.ndarray, starts: np.ndarray, initial: np.ndarray,
    direction: str,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """h_t = g_t * h_{t-1} + (1 - g_t) * u_t with g_t = 1 / (1 + exp(-z_t))."""
    states, final = np.zeros_like(inputs), np.zeros_like(initial)
    gates = _sigmoid(gate_logits)
    for b, _, c, rows in walks(starts, direction, inputs.shape[1]):
        h = initial[b, c]
        for t in rows:
            states[t, c] = h = gates[t, c] * h + (1 - gates[t, c]) * inputs[t, c]
        final[b, c] = h
    return states, final


def backprop(
    d_states: np.ndarray, d_final: np.ndarray, states: np.ndarray, inputs: np.ndarray,
    gate_logits: np.ndarray, starts: np.ndarray, initial: np.ndarray, direction: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """With e_t = d_t + g_{t+1} e_{t+1}: dL/du = (1 - g) e, dL/dz = g (1 - g) e (h_{t-1} - u)."""
    d_inputs, d_gate_logits = np.zeros_like(states), np.zeros_like(states)
    d_initial, gates = np.zeros_like(initial), _sigmoid(gate_logits)
    for b, _, c, rows in walks(starts, direction, states.shape[1]):
        d = d_final[b, c]
        for place, t in reversed(list(enumerate(rows))):
            before = states[rows[place - 1], c] if place else initial[b, c]
            g, e = gates[t, c], d_states[t, c] + d
            d_inputs[t, c] = (1 - g) * e
            d_gate_logits[t, c] = g * (1 - g) * e * (before - inputs[t, c])
            d = g * e
        d_initial[b, c] = d
    return d_inputs, d_gate_logits, d_initial


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)
