"""Elementary functions of one float32 on the GPU: those of NVIDIA's libdevice.

expf and tanhf are at most 2 ulp from the true value there, and so is fdividef
where the divisor is between 2^-126 and 2^126 (CUDA C++ Programming Guide,
Mathematical Functions). Clipped as in salience.cpu.scalars.
"""

import math
from typing import Any

import numpy as np

from .jit import inline
from .simulated import SIMULATED

if not SIMULATED:
    from numba.cuda.libdevice import fast_fdividef
else:

    def fast_fdividef(x: Any, y: Any) -> Any:
        """Stand in for libdevice's."""
        return x / y


_LEAST, _MOST, _FAR = np.float32(-87), np.float32(88), np.float32(87)
_ONE = np.float32(1)
_BELOW_ONE = np.nextafter(_ONE, np.float32(0))


@inline
def exp(x: Any) -> Any:
    """e^x, x clipped to [-87, 88]."""
    x = _LEAST if x < _LEAST else x
    x = _MOST if x > _MOST else x
    return np.float32(math.exp(x))


@inline
def tanh(x: Any) -> Any:
    """Return tanh x."""
    return np.float32(math.tanh(x))


@inline
def sigmoid(x: Any) -> Any:
    """1 / (1 + e^-x), x clipped to [-87, 87], and always below 1."""
    x = -_FAR if x < -_FAR else x
    # An exactly rounded division would take nine instructions more, and a call in a branch.
    y = fast_fdividef(_ONE, _ONE + exp(-x))
    return _BELOW_ONE if y > _BELOW_ONE else y
