"""tanh_recurrence in NumPy, one line per equation."""

import numpy as np

from ..walks import walks


def forward(
    inputs: np.ndarray, weight: np.ndarray, starts: np.ndarray, initial: np.ndarray,
    direction: str, activation: str,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """h_t = tanh(u_t + W_h h_{t-1}), or relu."""
    states, final = np.zeros_like(inputs), np.zeros_like(initial)
    for b, way, c, rows in walks(starts, direction, inputs.shape[1]):
        h = initial[b, c]
        for t in rows:
            logit = inputs[t, c] + weight[way] @ h
            states[t, c] = h = np.tanh(logit) if activation == "tanh" else np.maximum(logit, 0)
        final[b, c] = h
    return states, final


def backprop(
    d_states: np.ndarray, d_final: np.ndarray, states: np.ndarray, weight: np.ndarray,
    starts: np.ndarray, initial: np.ndarray, direction: str, activation: str,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """g_t = f'(h_t) * (d_t + W_h' g_{t+1}) is the gradient of u_t; W_h's is sum_t g_t h_{t-1}'."""
    d_inputs, d_weight = np.zeros_like(states), np.zeros_like(weight)
    d_initial = np.zeros_like(initial)
    for b, way, c, rows in walks(starts, direction, states.shape[1]):
        d = d_final[b, c]
        for place, t in reversed(list(enumerate(rows))):
            h, before = states[t, c], states[rows[place - 1], c] if place else initial[b, c]
            slope = 1 - h * h if activation == "tanh" else h > 0
            d_inputs[t, c] = g = slope * (d_states[t, c] + d)
            d_weight[way] += np.outer(g, before)
            d = weight[way].T @ g
        d_initial[b, c] = d
    return d_inputs, d_weight, d_initial
