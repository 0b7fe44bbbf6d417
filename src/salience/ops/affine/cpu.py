"""affine on the CPU."""

from ...cpu.products import rows_times, rows_times_back
from ...types import Floats


def forward(x: Floats, weight: Floats, bias: Floats | None) -> Floats:
    """y_t = W x_t + b."""
    return rows_times(x, weight, bias)


def backprop(d_y: Floats, x: Floats, weight: Floats) -> tuple[Floats, Floats, Floats]:
    """dL/dx = W' dL/dy, dL/dW = sum_t dL/dy_t x_t' and dL/db = sum_t dL/dy_t."""
    return *rows_times_back(d_y, x, weight), d_y.sum(axis=0)
