"""layer_norm in NumPy, one line per equation; means in float64."""

import numpy as np

LEAST_VARIANCE = 1e-8
"""What is added to a row's variance, as thinc's LayerNorm does."""


def forward(x: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """y_t = gain * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + bias."""
    y = np.zeros_like(x)
    for t in range(len(x)):
        n, _ = _normal(x[t])
        y[t] = gain * n + bias
    return y


def backprop(
    d_y: np.ndarray, x: np.ndarray, gain: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """dL/dx_t = (e_t - mean e_t - n_t * mean(e_t * n_t)) / s_t with e_t = gain * dL/dy_t."""
    d_x, d_gain, d_bias = np.zeros_like(x), np.zeros_like(gain), np.zeros_like(gain)
    for t in range(len(x)):
        n, s = _normal(x[t])
        e = gain * d_y[t]
        d_x[t] = (e - _mean(e) - n * _mean(e * n)) / s
        d_gain += d_y[t] * n
        d_bias += d_y[t]
    return d_x, d_gain, d_bias


def _normal(row: np.ndarray) -> tuple[np.ndarray, np.float64]:
    """n = (x - mean x) / s and s = sqrt(var x + 1e-8)."""
    centred = row - _mean(row)
    s = np.sqrt(_mean(centred**2) + LEAST_VARIANCE)
    return centred / s, s


def _mean(row: np.ndarray) -> np.float64:
    return np.float64(row.sum(dtype=np.float64) / max(len(row), 1))
