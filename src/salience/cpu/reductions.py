"""Sum, scalar product and maximum of one row, vectorised in a fixed order.

A row is reduced into _CHAINS x LANES accumulators, which are then joined: lanes
by halves. The order depends on the row's length alone, not on the machine.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import simd
from .jit import twin
from .simd import LANES

_CHAINS = 4
_Emit: TypeAlias = Callable[..., Any]


def _reduction(rows: int, absent: float, step: _Emit, join: _Emit, *, wide: bool = False) -> Any:
    """Return reduce(a) or reduce(a, b), for as many rows: value = step(lanes, value, a_i, b_i).

    Values begin as `absent`, and join(lanes, x, y) makes one of two. They are
    float64 where `wide`, else float32.
    """
    result = types.float64 if wide else types.float32
    vector = simd.WIDE_VECTOR if wide else simd.VECTOR

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpack = simd.unpacker(context, builder)
        arrays = [unpack(*pair) for pair in zip(signature.args, values, strict=True)]
        length = arrays[0].stride  # of a row alone, its last axis is its length
        return _emit(builder, [x.data for x in arrays], length, vector, absent, step, join)

    @intrinsic
    def reduce_one(_, row):  # type: ignore[no-untyped-def]
        return result(row), generate

    @intrinsic
    def reduce_two(_, a, b):  # type: ignore[no-untyped-def]
        return result(a, b), generate

    return reduce_one if rows == 1 else reduce_two


def _emit(
    builder: Any, data: list[Any], length: Any, vector: Any, absent: float,
    step: _Emit, join: _Emit,
) -> Any:  # fmt: skip
    """Take _CHAINS vectors at a time, then the rest one by one, and join the accumulators."""
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

    lanes, begin = simd.Lanes(builder), ir.Constant(vector, [absent] * LANES)
    first, *others = simd.loop(builder, groups, [begin] * _CHAINS, whole)
    parts = builder.sdiv(builder.add(rest, simd.number(LANES - 1)), simd.number(LANES))
    (value,) = simd.loop(builder, parts, [first], part)
    for other in others:
        value = join(lanes, value, other)
    return simd.fold(lanes, value, join)


def _plus(lanes: simd.Lanes, a: Any, b: Any) -> Any:
    return lanes.add(a, b)


def _plus_product(lanes: simd.Lanes, value: Any, x: Any, y: Any) -> Any:
    # In float64 a product of two float32 is exact, so that there is nothing to fuse.
    return lanes.add(value, lanes.multiply(lanes.widen(x), lanes.widen(y)))


def _plus_wide(lanes: simd.Lanes, value: Any, x: Any) -> Any:
    return lanes.add(value, lanes.widen(x))


def _larger(lanes: simd.Lanes, a: Any, b: Any) -> Any:
    return lanes.builder.select(lanes.builder.fcmp_ordered(">", a, b), a, b)


def _python_dot(a: Floats, b: Floats) -> np.float32:
    return np.float32((a * b).sum())


def _python_wide_dot(a: Floats, b: Floats) -> np.float64:
    return np.float64((a.astype(np.float64) * b.astype(np.float64)).sum())


def _python_total(row: Floats) -> np.float32:
    return np.float32(row.sum())


def _python_wide_total(row: Floats) -> np.float64:
    return np.float64(row.sum(dtype=np.float64))


def _python_highest(row: Floats) -> np.float32:
    return np.float32(row.max(initial=-np.inf))


def _python_furthest(row: Floats) -> np.float32:
    return np.float32(np.fmax.reduce(np.abs(row), initial=np.float32(0)))


dot = twin(
    _python_dot,
    _reduction(2, 0.0, lambda lanes, value, x, y: lanes.multiply_add(x, y, value), _plus),
)
"""dot(a, b): the sum of a * b."""

wide_dot = twin(_python_wide_dot, _reduction(2, 0.0, _plus_product, _plus, wide=True))
"""wide_dot(a, b): the sum of a * b in float64, where float32 rows cannot over- or underflow."""

total = twin(
    _python_total,
    _reduction(1, 0.0, _plus, _plus),
)
"""total(row): the sum of the row."""

wide_total = twin(_python_wide_total, _reduction(1, 0.0, _plus_wide, _plus, wide=True))
"""wide_total(row): the sum of the row in float64, where that of equal numbers is exact."""

highest = twin(
    _python_highest,
    _reduction(1, -np.inf, _larger, _larger),
)
"""highest(row): the maximum of the row, NaN aside; -inf of an empty one."""

furthest = twin(
    _python_furthest,
    _reduction(1, 0.0, lambda lanes, value, x: _larger(lanes, lanes.size(x), value), _larger),
)
"""furthest(row): the maximum of |row|, NaN aside; 0 of an empty one."""
