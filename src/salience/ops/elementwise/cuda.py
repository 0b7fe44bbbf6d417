"""exp, tanh and sigmoid on the GPU: one thread per number."""

from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays, scalars
from ...cuda.jit import F1, THREADS, Kernel, blocks, kernel


def exp(x: Any) -> Any:
    """e^x, x clipped to [-87, 88]."""
    return _each(exps, x)


def tanh(x: Any) -> Any:
    """Return tanh x."""
    return _each(tanhs, x)


def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), x clipped to [-87, 87], and always below 1."""
    return _each(sigmoids, x)


def backprop_exp(d_y: Any, y: Any) -> Any:
    """dL/dx = dL/dy y."""
    return _each(exps_back, d_y, y)


def backprop_tanh(d_y: Any, y: Any) -> Any:
    """dL/dx = dL/dy (1 - y^2)."""
    return _each(tanhs_back, d_y, y)


def backprop_sigmoid(d_y: Any, y: Any) -> Any:
    """dL/dx = dL/dy y (1 - y)."""
    return _each(sigmoids_back, d_y, y)


def _each(fill: Kernel, *given: Any) -> Any:
    out = arrays.empty_like(given[0])
    flat = [array.reshape(array.size) for array in (*given, out)]
    fill[blocks(out.size), THREADS](*flat)
    return out


@kernel(F1, F1)
def exps(x: Any, y: Any) -> None:
    """y_i = exp x_i."""
    i = cuda.grid(1)
    if i < len(y):
        y[i] = scalars.exp(x[i])


@kernel(F1, F1)
def tanhs(x: Any, y: Any) -> None:
    """y_i = tanh x_i."""
    i = cuda.grid(1)
    if i < len(y):
        y[i] = scalars.tanh(x[i])


@kernel(F1, F1)
def sigmoids(x: Any, y: Any) -> None:
    """y_i = 1 / (1 + exp(-x_i))."""
    i = cuda.grid(1)
    if i < len(y):
        y[i] = scalars.sigmoid(x[i])


@kernel(F1, F1, F1)
def exps_back(d_y: Any, y: Any, d_x: Any) -> None:
    """d_x_i = d_y_i y_i."""
    i = cuda.grid(1)
    if i < len(d_x):
        d_x[i] = d_y[i] * y[i]


@kernel(F1, F1, F1)
def tanhs_back(d_y: Any, y: Any, d_x: Any) -> None:
    """d_x_i = d_y_i (1 - y_i^2)."""
    i = cuda.grid(1)
    if i < len(d_x):
        d_x[i] = d_y[i] * (np.float32(1) - y[i] * y[i])


@kernel(F1, F1, F1)
def sigmoids_back(d_y: Any, y: Any, d_x: Any) -> None:
    """d_x_i = d_y_i y_i (1 - y_i)."""
    i = cuda.grid(1)
    if i < len(d_x):
        d_x[i] = d_y[i] * (y[i] * (np.float32(1) - y[i]))
