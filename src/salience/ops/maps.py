"""What is done to each number of one row, in vectors: the last one is masked.

LLVM vectorises such loops itself, but does up to LANES - 1 numbers at their end
one by one, which of a short row is most of the work.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..jit import twin
from ..types import Floats
from . import scalars, simd
from .simd import LANES

_INT_VECTOR = ir.VectorType(simd.INT32, LANES)
_Emit = Callable[[simd.Lanes, Any, Any], Any]


def _map(change: _Emit) -> Any:
    """Return each(row, value), which does x = change(lanes, x, value) along the row."""

    @intrinsic
    def each(_, row, value):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            array = simd.unpacker(context, builder)(signature.args[0], values[0])
            given = simd.Lanes(builder).spread(values[1])
            vectors = builder.sdiv(array.stride, simd.number(LANES))

            def some(index: Any, count: Any = None) -> None:
                lanes = simd.Lanes(builder, count)
                place = array.at(builder, builder.mul(index, simd.number(LANES)))
                lanes.store(change(lanes, lanes.load(place), given), place)

            def whole(index: Any, _: list[Any]) -> list[Any]:
                some(index)
                return []

            simd.loop(builder, vectors, [], whole)
            rest = builder.srem(array.stride, simd.number(LANES))
            with builder.if_then(builder.icmp_signed(">", rest, simd.number(0))):
                some(vectors, rest)
            return context.get_dummy_value()

        return types.void(row, types.float32), generate

    return each


def _times(lanes: simd.Lanes, x: Any, value: Any) -> Any:
    return lanes.multiply(x, value)


def _exp_minus(lanes: simd.Lanes, x: Any, value: Any) -> Any:
    """The steps of scalars.exp."""
    builder, c = lanes.builder, _constants
    x = lanes.subtract(x, value)
    x = builder.select(builder.fcmp_ordered("<", x, c("LEAST")), c("LEAST"), x)
    x = builder.select(builder.fcmp_ordered(">", x, c("MOST")), c("MOST"), x)
    n = lanes.subtract(lanes.multiply_add(x, c("LOG2E"), c("ROUND")), c("ROUND"))
    r = lanes.multiply_add(n, c("LN2_HIGH", -1), x)
    r = lanes.multiply_add(n, c("LN2_LOW", -1), r)
    p = c("C7")
    for name in ("C6", "C5", "C4", "C3", "C2"):
        p = lanes.multiply_add(p, r, c(name))
    bias, places = (ir.Constant(_INT_VECTOR, [value] * LANES) for value in (127, 23))
    whole = builder.add(builder.fptosi(n, _INT_VECTOR), bias)
    power = builder.bitcast(builder.shl(whole, places), simd.VECTOR)
    y = lanes.multiply_add(p, lanes.multiply(r, r), r)
    return lanes.multiply(lanes.add(y, c("ONE")), power)


def _constants(name: str, sign: int = 1) -> Any:
    return ir.Constant(simd.VECTOR, [sign * float(getattr(scalars, f"_{name}"))] * LANES)


def _python_scale(row: Floats, factor: np.float32) -> None:
    row *= factor


def _python_exp_minus(row: Floats, top: np.float32) -> None:
    for j in range(len(row)):
        row[j] = scalars.exp(row[j] - top)


scale = twin(_python_scale, _map(_times))
"""scale(row, factor): row = row * factor."""

exp_minus = twin(_python_exp_minus, _map(_exp_minus))
"""exp_minus(row, top): row = exp(row - top), with the bits of scalars.exp."""
