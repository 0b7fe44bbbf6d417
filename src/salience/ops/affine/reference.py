"""affine in NumPy, one line per equation."""

import numpy as np


def forward(x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """y_t = W x_t + b."""
    y = np.zeros((len(x), len(weight)), dtype=x.dtype)
    for t in range(len(x)):
        y[t] = weight @ x[t] + (0 if bias is None else bias)
    return y


def backprop(
    d_y: np.ndarray, x: np.ndarray, weight: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dL/dx = W' dL/dy, dL/dW = sum_t dL/dy_t x_t' and dL/db = sum_t dL/dy_t."""
    d_x, d_weight, d_bias = (
        np.zeros_like(x),
        np.zeros_like(weight),
        np.zeros(len(weight), dtype=x.dtype),
    )
    for t in range(len(x)):
        d_x[t] = weight.T @ d_y[t]
        d_weight += np.outer(d_y[t], x[t])
        d_bias += d_y[t]
    return d_x, d_weight, d_bias
