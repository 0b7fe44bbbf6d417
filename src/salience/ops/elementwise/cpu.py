"""exp, tanh and sigmoid on the CPU; their gradients are NumPy's own arithmetic."""

import numpy as np

from ...cpu import scalars
from ...cpu.jit import F1, OUT1, Kernel, kernel
from ...types import Floats
from .reference import backprop_exp, backprop_sigmoid, backprop_tanh

__all__ = ["backprop_exp", "backprop_sigmoid", "backprop_tanh", "exp", "sigmoid", "tanh"]


def exp(x: Floats) -> Floats:
    """e^x, x clipped to [-87, 88]."""
    return _each(exps, x)


def tanh(x: Floats) -> Floats:
    """Return tanh x."""
    return _each(tanhs, x)


def sigmoid(x: Floats) -> Floats:
    """1 / (1 + e^-x), x clipped to [-87, 87], and always below 1."""
    return _each(sigmoids, x)


def _each(fill: Kernel, x: Floats) -> Floats:
    y = np.empty_like(x)
    fill(x.reshape(-1), y.reshape(-1))
    return y


@kernel(F1, OUT1)
def exps(x: Floats, y: Floats) -> None:
    """y_i = exp x_i."""
    for i in range(len(y)):
        y[i] = scalars.exp(x[i])


@kernel(F1, OUT1)
def tanhs(x: Floats, y: Floats) -> None:
    """y_i = tanh x_i."""
    for i in range(len(y)):
        y[i] = scalars.tanh(x[i])


@kernel(F1, OUT1)
def sigmoids(x: Floats, y: Floats) -> None:
    """y_i = 1 / (1 + exp(-x_i))."""
    for i in range(len(y)):
        y[i] = scalars.sigmoid(x[i])
