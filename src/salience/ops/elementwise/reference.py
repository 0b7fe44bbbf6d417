"""exp, tanh and sigmoid in NumPy, one line per equation."""

import numpy as np


def exp(x: np.ndarray) -> np.ndarray:
    """e^x, x clipped to [-87, 88]."""
    result: np.ndarray = np.exp(np.clip(x, -87, 88))
    return result


def tanh(x: np.ndarray) -> np.ndarray:
    """Return tanh x."""
    result: np.ndarray = np.tanh(x)
    return result


def sigmoid(x: np.ndarray) -> np.ndarray:
    """1 / (1 + e^-x), x clipped to [-87, 87], and always below 1."""
    y: np.ndarray = 1 / (1 + np.exp(-np.clip(x, -87, 87)))
    result: np.ndarray = np.minimum(y, np.nextafter(np.float32(1), np.float32(0)))
    return result


def backprop_exp(d_y: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dx = dL/dy y."""
    result: np.ndarray = d_y * y
    return result


def backprop_tanh(d_y: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dx = dL/dy (1 - y^2)."""
    result: np.ndarray = d_y * (1 - y * y)
    return result


def backprop_sigmoid(d_y: np.ndarray, y: np.ndarray) -> np.ndarray:
    """dL/dx = dL/dy y (1 - y)."""
    result: np.ndarray = d_y * (y * (1 - y))
    return result
