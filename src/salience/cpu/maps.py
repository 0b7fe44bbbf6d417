"""Elementwise operations on a row, in SIMD vectors; the last, incomplete one is masked.

LLVM vectorises such loops itself, but computes the last numbers, up to LANES - 1,
one by one: most of the work on a short row. Where the row that is written is also
read, it does not vectorise at all.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import scalars, simd
from .jit import twin
from .simd import LANES

_INT_VECTOR = ir.VectorType(simd.INT32, LANES)
_Emit = Callable[..., Any]


def _map(change: _Emit, count: int) -> Any:
    """Return each(row, *others) with `count` others: it sets row = change(lanes, row, *others).

    Each of the others is a row as long, which may be the row itself, or a number.
    """

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpack = simd.unpacker(context, builder)
        given = [
            unpack(kind, value)
            if isinstance(kind, types.Array)
            else simd.Lanes(builder).spread(value)
            for kind, value in zip(signature.args, values, strict=True)
        ]
        row = given[0]
        vectors = builder.sdiv(row.stride, simd.number(LANES))

        def some(index: Any, count: Any = None) -> None:
            lanes, place = simd.Lanes(builder, count), builder.mul(index, simd.number(LANES))
            read = [
                lanes.load(x.at(builder, place)) if isinstance(x, simd.Array) else x for x in given
            ]
            lanes.store(change(lanes, *read), row.at(builder, place))

        def whole(index: Any, _: list[Any]) -> list[Any]:
            some(index)
            return []

        simd.loop(builder, vectors, [], whole)
        rest = builder.srem(row.stride, simd.number(LANES))
        with builder.if_then(builder.icmp_signed(">", rest, simd.number(0))):
            some(vectors, rest)
        return context.get_dummy_value()

    @intrinsic
    def with_one(_, row, a):  # type: ignore[no-untyped-def]
        return types.void(row, a), generate

    @intrinsic
    def with_three(_, row, a, b, c):  # type: ignore[no-untyped-def]
        return types.void(row, a, b, c), generate

    return {1: with_one, 3: with_three}[count]


def _times(lanes: simd.Lanes, x: Any, value: Any) -> Any:
    return lanes.multiply(x, value)


def _plus_product(lanes: simd.Lanes, _: Any, x: Any, a: Any, b: Any) -> Any:
    return lanes.add(x, lanes.multiply(a, b))


def _exp_minus(lanes: simd.Lanes, x: Any, value: Any) -> Any:
    """Return exp(x - value), by the steps of scalars.exp."""
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


def _python_set_plus_product(row: Floats, x: Floats, a: Floats, b: Floats) -> None:
    row[:] = x + a * b


scale = twin(_python_scale, _map(_times, 1))
"""scale(row, factor): row = row * factor."""

exp_minus = twin(_python_exp_minus, _map(_exp_minus, 1))
"""exp_minus(row, top): row = exp(row - top), with the bits of scalars.exp."""

set_plus_product = twin(_python_set_plus_product, _map(_plus_product, 3))
"""set_plus_product(row, x, a, b): row = x + a * b."""
