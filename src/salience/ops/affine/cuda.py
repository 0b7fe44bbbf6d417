"""affine on the GPU."""

from typing import Any

from ...cuda.products import rows_times, rows_times_back
from ...cuda.sums import column_sums


def forward(x: Any, weight: Any, bias: Any | None) -> Any:
    """y_t = W x_t + b."""
    return rows_times(x, weight, bias)


def backprop(d_y: Any, x: Any, weight: Any) -> tuple[Any, Any, Any]:
    """dL/dx = W' dL/dy, dL/dW = sum_t dL/dy_t x_t' and dL/db = sum_t dL/dy_t."""
    return *rows_times_back(d_y, x, weight), column_sums(d_y)
