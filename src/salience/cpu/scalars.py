"""Elementary functions of one float32, as polynomials that LLVM vectorises.

A libm call inside a loop stops LLVM from vectorising it; these are sums and
products, fused on a processor that can (any since 2013, elsewhere correct but
slow), so a loop over them becomes SIMD, and they give the same bits on every
machine. NaN stays NaN.
"""

from typing import Any

import numpy as np
from numba import types
from numba.extending import intrinsic

from .jit import inline, twin

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
_ONE, _TWO = np.float32(1.0), np.float32(2.0)
_TURN = np.float32(0.625)
_T3 = np.float32(-0.333332780547)
_T5 = np.float32(0.133313309176)
_T7 = np.float32(-0.053730001151)
_T9 = np.float32(0.020606159529)
_T11 = np.float32(-0.005666960031)
_FAR = np.float32(87.0)
_BELOW_ONE = np.nextafter(_ONE, np.float32(0))


def _fma_python(a: np.float32, b: np.float32, c: np.float32) -> np.float32:
    return np.float32(np.float64(a) * np.float64(b) + np.float64(c))


@intrinsic
def _fma(_, a, b, c):  # type: ignore[no-untyped-def]
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.fma(*values)

    return types.float32(types.float32, types.float32, types.float32), generate


fma = twin(_fma_python, _fma)
"""a * b + c, rounded once."""


@inline
def exp(x: np.float32) -> np.float32:
    """e to the x, x clipped to [-87, 88]; at most 2 ulp from the true value there.

    x = n ln 2 + r with whole n and |r| <= ln 2 / 2; e^r by a polynomial of
    degree 7 and 2^n by writing n into the exponent's bits (Cody and Waite,
    Software Manual for the Elementary Functions, 1980).
    """
    x = _LEAST if x < _LEAST else x
    x = _MOST if x > _MOST else x
    n = fma(x, _LOG2E, _ROUND) - _ROUND
    r = fma(n, -_LN2_LOW, fma(n, -_LN2_HIGH, x))
    p = fma(fma(fma(fma(fma(_C7, r, _C6), r, _C5), r, _C4), r, _C3), r, _C2)
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return (fma(p, r * r, r) + _ONE) * power


@inline
def tanh(x: np.float32) -> np.float32:
    """Hyperbolic tangent; at most 4 ulp from the true value, for any x.

    sign(x) (1 - 2 / (e^2|x| + 1)), and near 0, where that would cancel, an odd
    polynomial of degree 11 (Cody and Waite, 1980).
    """
    size = abs(x)
    square = x * x
    p = fma(fma(fma(fma(_T11, square, _T9), square, _T7), square, _T5), square, _T3)
    near = fma(x, square * p, x)
    far = _ONE - _TWO / (exp(_TWO * size) + _ONE)
    far = -far if x < 0 else far
    return near if size < _TURN else far


@inline
def sigmoid(x: np.float32) -> np.float32:
    """1 / (1 + e^-x), x clipped to [-87, 87]; at most 4 ulp from the true value there.

    Never 0 and never 1, so that a decay or a gate made with it stays between.
    """
    x = -_FAR if x < -_FAR else x
    y = _ONE / (_ONE + exp(-x))
    return _BELOW_ONE if y > _BELOW_ONE else y
