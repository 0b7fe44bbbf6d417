"""linear_recurrence in NumPy, one line an equation."""

from itertools import pairwise

import numpy as np


def forward(
    inputs: np.ndarray, decay: np.ndarray, starts: np.ndarray, direction: str
) -> np.ndarray:
    """h_t = h_{t-1} * w_h + u_t."""
    states = np.zeros_like(inputs)
    split = {"forward": len(decay), "backward": 0, "both": len(decay) // 2}[direction]
    for first, last in pairwise(starts):
        h = np.zeros_like(decay[:split])
        for t in range(first, last):
            states[t, :split] = h = h * decay[:split] + inputs[t, :split]
        h = np.zeros_like(decay[split:])
        for t in reversed(range(first, last)):
            states[t, split:] = h = h * decay[split:] + inputs[t, split:]
    return states
