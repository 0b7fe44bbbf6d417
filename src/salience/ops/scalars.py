"""Elementary functions of one float32, as polynomials that LLVM vectorises.

A libm call inside a loop stops LLVM from vectorising it; these are plain
arithmetic, so a loop over them becomes SIMD, and they give the same bits on
every machine.
"""

import numpy as np

from ..jit import inline

_LOG2E = np.float32(1.4426950408889634)
_LN2_HIGH = np.float32(0.693359375)
_LN2_LOW = np.float32(-2.12194440e-4)
_ROUND = np.float32(12582912.0)  # 1.5 * 2**23: adding it rounds to the nearest whole number
_LEAST = np.float32(-87.0)
_MOST = np.float32(88.0)
_C2 = np.float32(0.5)
_C3 = np.float32(1.6666665e-1)
_C4 = np.float32(4.1665796e-2)
_C5 = np.float32(8.3334519e-3)
_C6 = np.float32(1.3981999e-3)
_C7 = np.float32(1.9875691e-4)
_ONE = np.float32(1.0)


@inline
def exp(x: np.float32) -> np.float32:
    """e to the x, x clipped to [-87, 88]; at most 2 ulp from the true value there.

    x = n ln 2 + r with whole n and |r| <= ln 2 / 2; e^r by a polynomial of
    degree 7 and 2^n by writing n into the exponent's bits (Cody and Waite,
    Software Manual for the Elementary Functions, 1980).
    """
    x = min(max(x, _LEAST), _MOST)
    n = (x * _LOG2E + _ROUND) - _ROUND
    r = (x - n * _LN2_HIGH) - n * _LN2_LOW
    p = ((((_C7 * r + _C6) * r + _C5) * r + _C4) * r + _C3) * r + _C2
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return (p * (r * r) + r + _ONE) * power
