"""linear_recurrence in NumPy, one line per equation."""

import numpy as np

from ..walks import walks


def forward(
    inputs: np.ndarray, decay: np.ndarray, starts: np.ndarray, initial: np.ndarray, direction: str
) -> tuple[np.ndarray, np.ndarray]:
    """h_t = h_{t-1} * w_h + u_t."""
    states, final = np.zeros_like(inputs), np.zeros_like(initial)
    for b, _, c, rows in walks(starts, direction, len(decay)):
        h = initial[b, c]
        for t in rows:
            states[t, c] = h = h * decay[c] + inputs[t, c]
        final[b, c] = h
    return states, final


def backprop(
    d_states: np.ndarray, d_final: np.ndarray, states: np.ndarray, decay: np.ndarray,
    starts: np.ndarray, initial: np.ndarray, direction: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """g_t = d_t + g_{t+1} * w_h is the gradient of u_t; that of w_h is sum_t g_t * h_{t-1}."""
    d_inputs, d_decay = np.zeros_like(states), np.zeros_like(decay)
    d_initial = np.zeros_like(initial)
    for b, _, c, rows in walks(starts, direction, len(decay)):
        g = d_final[b, c]
        for place, t in reversed(list(enumerate(rows))):
            before = states[rows[place - 1], c] if place else initial[b, c]
            d_inputs[t, c] = g = d_states[t, c] + g
            d_decay[c] += g * before
            g = g * decay[c]
        d_initial[b, c] = g
    return d_inputs, d_decay, d_initial
