"""fusion in NumPy, one line per equation."""

import numpy as np


def forward(
    x: np.ndarray, states: np.ndarray, context: np.ndarray, weight: np.ndarray, gate: np.ndarray
) -> np.ndarray:
    """v_t = x_t + W_f h_t + g * c_t."""
    vectors = np.zeros_like(x)
    for t in range(len(x)):
        vectors[t] = x[t] + weight @ states[t] + gate * context[t]
    return vectors


def backprop(
    d_vectors: np.ndarray, states: np.ndarray, context: np.ndarray,
    weight: np.ndarray, gate: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:  # fmt: skip
    """Return the gradients of h, c, W_f and g.

    With d = dL/dv: W_f' d, g * d, sum_t d_t h_t' and sum_t d_t * c_t
    """
    d_states, d_context = np.zeros_like(states), np.zeros_like(context)
    d_weight, d_gate = np.zeros_like(weight), np.zeros_like(gate)
    for t in range(len(states)):
        d_states[t] = weight.T @ d_vectors[t]
        d_context[t] = gate * d_vectors[t]
        d_weight += np.outer(d_vectors[t], states[t])
        d_gate += d_vectors[t] * context[t]
    return d_states, d_context, d_weight, d_gate
