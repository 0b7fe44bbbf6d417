"""Sum, scalar product and maximum of one row, vectorised in a fixed order.

A row is reduced in CHAINS x LANES running values, which are then joined in
halves: the order depends on the row's length alone, not on the machine.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload

from ..types import Floats
from . import simd
from .simd import LANES

_CHAINS = 4
_Emit: TypeAlias = Callable[..., Any]


def dot(a: Floats, b: Floats) -> np.float32:
    """Sum of a * b."""
    return np.float32((a * b).sum())


def total(row: Floats) -> np.float32:
    """Sum of the row."""
    return np.float32(row.sum())


def highest(row: Floats) -> np.float32:
    """Maximum of the row; -inf of an empty one."""
    return np.float32(row.max(initial=-np.inf))


def _reduction(absent: float, step: _Emit, join: _Emit) -> Any:
    """Return reduce((row, ...)), with value = step(lanes, value, x, ...) along these rows."""

    @intrinsic
    def reduce(_, arrays):  # type: ignore[no-untyped-def]
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            data = []
            for place, kind in enumerate(signature.args[0]):
                array = context.make_array(kind)(
                    context, builder, builder.extract_value(values[0], place)
                )
                data.append(array.data)
                length = builder.extract_value(array.shape, 0)
            return _emit(builder, data, length, absent, step, join)

        return types.float32(arrays), generate

    return reduce


def _emit(
    builder: Any, data: list[Any], length: Any, absent: float, step: _Emit, join: _Emit
) -> Any:
    """Whole groups of CHAINS vectors, then the rest vector by vector, then the joining."""
    group = simd.number(_CHAINS * LANES)
    groups = builder.sdiv(length, group)
    done = builder.mul(groups, group)
    rest = builder.sub(length, done)

    def whole(index: Any, values: list[Any]) -> list[Any]:
        lanes, first, results = simd.Lanes(builder), builder.mul(index, group), []
        for chain, value in enumerate(values):
            place = builder.add(first, simd.number(chain * LANES))
            results.append(step(lanes, value, *(lanes.load(builder.gep(x, [place])) for x in data)))
        return results

    def part(index: Any, values: list[Any]) -> list[Any]:
        first = builder.mul(index, simd.number(LANES))
        lanes = simd.Lanes(builder, builder.sub(rest, first))
        place = builder.add(done, first)
        given = (lanes.load(builder.gep(x, [place]), absent) for x in data)
        return [step(lanes, values[0], *given)]

    begin = ir.Constant(simd.VECTOR, [absent] * LANES)
    first, *others = simd.loop(builder, groups, [begin] * _CHAINS, whole)
    parts = builder.sdiv(builder.add(rest, simd.number(LANES - 1)), simd.number(LANES))
    (value,) = simd.loop(builder, parts, [first], part)
    for other in others:
        value = join(builder, value, other)
    return simd.fold(builder, value, join)


def _plus(builder: Any, a: Any, b: Any) -> Any:
    return builder.fadd(a, b)


def _larger(builder: Any, a: Any, b: Any) -> Any:
    return builder.select(builder.fcmp_ordered(">", a, b), a, b)


_dot = _reduction(0.0, lambda lanes, value, x, y: lanes.multiply_add(x, y, value), _plus)
_total = _reduction(0.0, lambda lanes, value, x: _plus(lanes.builder, value, x), _plus)
_highest = _reduction(-np.inf, lambda lanes, value, x: _larger(lanes.builder, value, x), _larger)


@overload(dot)
def _(a, b):  # type: ignore[no-untyped-def]
    return lambda a, b: _dot((a, b))


@overload(total)
def _(row):  # type: ignore[no-untyped-def]
    return lambda row: _total((row,))


@overload(highest)
def _(row):  # type: ignore[no-untyped-def]
    return lambda row: _highest((row,))
