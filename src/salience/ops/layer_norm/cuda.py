"""layer_norm on the GPU: a warp per row, with means in float64 as on the CPU."""

import math
from typing import Any

import numpy as np
from numba import cuda

from ...cuda import arrays
from ...cuda.jit import F1, F2, inline, kernel
from ...cuda.lanes import LANES, over, row_of_warp, wide_sum
from ...cuda.sums import column_sums
from .reference import LEAST_VARIANCE


def forward(x: Any, gain: Any, bias: Any) -> Any:
    """y_t = gain * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + bias."""
    y = arrays.empty_like(x)
    normalise[over(len(x))](x, gain, bias, y)
    return y


def backprop(d_y: Any, x: Any, gain: Any) -> tuple[Any, Any, Any]:
    """dL/dx_t = (e_t - mean e_t - n_t * mean(e_t * n_t)) / s_t with e_t = gain * dL/dy_t."""
    d_x, products = arrays.empty_like(x), arrays.empty_like(x)
    normalise_back[over(len(x))](d_y, x, gain, d_x, products)
    return d_x, column_sums(products), column_sums(d_y)


@kernel(F2, F1, F1, F2)
def normalise(x: Any, gain: Any, bias: Any, y: Any) -> None:
    """y = gain * n + bias."""
    i, width = row_of_warp(), max(x.shape[1], 1)
    mean = wide_sum(own_total(x, i)) / width
    inverse = 1 / math.sqrt(wide_sum(own_squares(x, i, mean)) / width + LEAST_VARIANCE)
    for d in range(cuda.threadIdx.x, own_width(x, i), LANES):
        n = np.float32((np.float64(x[i, d]) - mean) * inverse)
        y[i, d] = gain[d] * n + bias[d]


@kernel(F2, F2, F1, F2, F2)
def normalise_back(d_y: Any, x: Any, gain: Any, d_x: Any, products: Any) -> None:
    """d_x = (e - mean e - n * mean(e * n)) / s, and products = d_y * n."""
    i, width = row_of_warp(), max(x.shape[1], 1)
    mean = wide_sum(own_total(x, i)) / width
    inverse = 1 / math.sqrt(wide_sum(own_squares(x, i, mean)) / width + LEAST_VARIANCE)
    total, total_along = np.float64(0), np.float64(0)
    for d in range(cuda.threadIdx.x, own_width(x, i), LANES):
        n = np.float32((np.float64(x[i, d]) - mean) * inverse)
        products[i, d] = d_y[i, d] * n
        total += np.float64(gain[d]) * np.float64(d_y[i, d])
        total_along += np.float64(gain[d]) * np.float64(products[i, d])
    middle, along = wide_sum(total) / width, wide_sum(total_along) / width
    for d in range(cuda.threadIdx.x, own_width(x, i), LANES):
        n = (np.float64(x[i, d]) - mean) * inverse
        e = np.float64(gain[d]) * np.float64(d_y[i, d])
        d_x[i, d] = np.float32(inverse * (e - middle - along * n))


@inline
def own_width(x: Any, i: int) -> int:
    """The width of row i, 0 where i is past the end."""
    width: int = x.shape[1] if i < len(x) else 0
    return width


@inline
def own_total(x: Any, i: int) -> Any:
    """The sum of this lane's numbers of row i."""
    total = np.float64(0)
    for d in range(cuda.threadIdx.x, own_width(x, i), LANES):
        total += np.float64(x[i, d])
    return total


@inline
def own_squares(x: Any, i: int, mean: Any) -> Any:
    """The sum of this lane's squares of x_i - mean."""
    total = np.float64(0)
    for d in range(cuda.threadIdx.x, own_width(x, i), LANES):
        apart = np.float64(x[i, d]) - mean
        total += apart * apart
    return total
