"""output_gate in NumPy, one line per equation."""

import numpy as np


def forward(states: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """y_t = sigmoid(o_t) * h_t."""
    y = np.zeros_like(states)
    for t in range(len(states)):
        y[t] = _sigmoid(logits[t]) * states[t]
    return y


def backprop(
    d_y: np.ndarray, states: np.ndarray, logits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """With s = sigmoid(o): dL/dh = s * dL/dy and dL/do = s * (1 - s) * h * dL/dy."""
    d_states, d_logits = np.zeros_like(states), np.zeros_like(logits)
    for t in range(len(states)):
        s = _sigmoid(logits[t])
        d_states[t] = s * d_y[t]
        d_logits[t] = s * (1 - s) * states[t] * d_y[t]
    return d_states, d_logits


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 + 0.5 * np.tanh(0.5 * x)
