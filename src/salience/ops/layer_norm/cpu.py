"""layer_norm on the CPU."""

import numpy as np

from ... import threads
from ...cpu.jit import F1, F2, OUT1, OUT2, inline, kernel
from ...cpu.reductions import wide_dot, wide_total
from ...types import Floats
from .reference import LEAST_VARIANCE


def forward(x: Floats, gain: Floats, bias: Floats) -> Floats:
    """y_t = gain * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + bias."""
    y = np.empty_like(x)

    def task(rows: slice) -> None:
        y[rows] = x[rows]
        normalise(gain, bias, y[rows])

    threads.run(task, threads.slices(len(y)))
    return y


def backprop(d_y: Floats, x: Floats, gain: Floats) -> tuple[Floats, Floats, Floats]:
    """dL/dx_t = (e_t - mean e_t - n_t * mean(e_t * n_t)) / s_t with e_t = gain * dL/dy_t."""
    d_x, slices = np.empty_like(x), threads.slices(len(x))
    d_gain, d_bias = np.zeros((2, len(slices), x.shape[1]), dtype=np.float32)

    def task(number: int) -> None:
        rows = slices[number]
        d_x[rows] = x[rows]
        products = np.empty_like(gain)
        normalise_back(d_y[rows], gain, products, d_x[rows], d_gain[number], d_bias[number])

    threads.run(task, range(len(slices)))
    return d_x, d_gain.sum(axis=0), d_bias.sum(axis=0)


@kernel(F1, F1, OUT2)
def normalise(gain: Floats, bias: Floats, y: Floats) -> None:
    """y = gain * n + bias, where y comes as x: so the encoder needs no other array."""
    for t in range(len(y)):
        y_t = y[t]
        to_normal(y_t)
        for c in range(len(y_t)):
            y_t[c] = gain[c] * y_t[c] + bias[c]


@kernel(F2, F1, OUT1, OUT2, OUT1, OUT1)
def normalise_back(
    d_y: Floats, gain: Floats, products: Floats, d_x: Floats, d_gain: Floats, d_bias: Floats
) -> None:
    """d_x = (e - mean e - n * mean(e * n)) / s, where d_x comes as x; products is room [D]."""
    width = max(len(gain), 1)
    for t in range(len(d_y)):
        d_y_t, n_t = d_y[t], d_x[t]
        inverse = to_normal(n_t)
        for c in range(len(products)):
            products[c] = d_y_t[c] * n_t[c]
        for c in range(len(products)):
            d_gain[c] += products[c]
            d_bias[c] += d_y_t[c]
        middle = np.float32(wide_dot(gain, d_y_t) / width)
        along = np.float32(wide_dot(gain, products) / width)
        for c in range(len(products)):
            n_t[c] = inverse * (gain[c] * d_y_t[c] - middle - along * n_t[c])


@inline
def to_normal(row: Floats) -> np.float32:
    """Make x into n = (x - mean x) / s in place, and return 1 / s."""
    width = max(len(row), 1)
    mean = wide_total(row) / width
    for c in range(len(row)):
        row[c] = np.float32(np.float64(row[c]) - mean)
    inverse = np.float32(1 / np.sqrt(wide_dot(row, row) / width + LEAST_VARIANCE))
    for c in range(len(row)):
        row[c] = row[c] * inverse
    return inverse
