"""output_gate on the GPU: one thread per number."""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.jit import F1, THREADS, blocks, kernel
from ...cuda.scalars import sigmoid


def forward(states: Any, logits: Any) -> Any:
    """y_t = sigmoid(o_t) * h_t."""
    y = arrays.empty_like(states)
    gate[blocks(y.size), THREADS](*_flat(states, logits, y))
    return y


def backprop(d_y: Any, states: Any, logits: Any) -> tuple[Any, Any]:
    """With s = sigmoid(o): dL/dh = s * dL/dy and dL/do = s * (1 - s) * h * dL/dy."""
    d_states, d_logits = arrays.empty_like(states), arrays.empty_like(logits)
    gate_back[blocks(d_y.size), THREADS](*_flat(d_y, states, logits, d_states, d_logits))
    return d_states, d_logits


def _flat(*given: Any) -> list[Any]:
    return [array.reshape(array.size) for array in given]


@kernel(F1, F1, F1)
def gate(states: Any, logits: Any, y: Any) -> None:
    """y = sigmoid(o) * h."""
    i = cuda.grid(1)
    if i < len(y):
        y[i] = sigmoid(logits[i]) * states[i]


@kernel(F1, F1, F1, F1, F1)
def gate_back(d_y: Any, states: Any, logits: Any, d_states: Any, d_logits: Any) -> None:
    """d_states = s * d_y and d_logits = d_states * (1 - s) * h."""
    i = cuda.grid(1)
    if i < len(d_y):
        s = sigmoid(logits[i])
        d = s * d_y[i]
        d_states[i] = d
        d_logits[i] = d * (np.float32(1) - s) * states[i]
