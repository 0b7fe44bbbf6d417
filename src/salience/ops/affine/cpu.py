"""affine on the CPU."""

import numpy as np

from ... import threads
from ...types import Floats
from ..products import product_back, set_rows_times


def forward(x: Floats, weight: Floats, bias: Floats | None) -> Floats:
    """y_t = W x_t + b."""
    y = np.empty((len(x), len(weight)), dtype=np.float32)
    matrix = np.ascontiguousarray(weight.T)

    added = np.zeros(len(weight), np.float32) if bias is None else bias

    def task(rows: slice) -> None:
        set_rows_times(x[rows], matrix, added, y[rows])

    threads.run(task, threads.slices(len(x)))
    return y


def backprop(d_y: Floats, x: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """dL/dx = W' dL/dy, dL/dW = sum_t dL/dy_t x_t' and dL/db = sum_t dL/dy_t."""
    d_x, slices = np.empty_like(x), threads.slices(len(x))
    d_weight = np.zeros((len(slices), *weight.shape), dtype=np.float32)
    d_bias = np.zeros((len(slices), len(weight)), dtype=np.float32)

    def task(number: int) -> None:
        rows = slices[number]
        product_back(d_y[rows], x[rows], weight, d_x[rows], d_weight[number])
        d_bias[number] = d_y[rows].sum(axis=0)

    threads.run(task, range(len(slices)))
    return d_x, d_weight.sum(axis=0), d_bias.sum(axis=0)
