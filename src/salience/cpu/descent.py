"""One row and rows of a table move by multiples of each other, in one pass over both."""

from typing import Any

from numba import types
from numba.extending import intrinsic

from ..types import Floats, Ints
from . import simd
from .jit import twin
from .simd import LANES

_VECTORS = 4
"""Vectors of the row that are in registers while the table's rows go by."""


def _python_descend(row: Floats, table: Floats, numbers: Ints, factors: Floats) -> None:
    moved = row.copy()
    for number, factor in zip(numbers, factors, strict=False):
        moved += factor * table[number]
        table[number] += factor * row
    row[:] = moved


@intrinsic
def _descend(_, row, table, numbers, factors):  # type: ignore[no-untyped-def]
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpack = simd.unpacker(context, builder)
        row, table, numbers, factors = (
            unpack(*pair) for pair in zip(signature.args, values, strict=True)
        )

        def some(begin: Any, width: int, count: Any = None) -> None:
            lanes = simd.Lanes(builder, count)
            places = [builder.add(begin, simd.number(LANES * each)) for each in range(width)]
            before = [lanes.load(row.at(builder, place)) for place in places]

            def step(index: Any, moved: list[Any]) -> list[Any]:
                other = builder.load(numbers.at(builder, index))
                factor = lanes.spread(builder.load(factors.at(builder, index)))
                results = []
                for place, x, value in zip(places, before, moved, strict=True):
                    address = table.at(builder, place, other)
                    y = lanes.load(address)
                    results.append(lanes.multiply_add(factor, y, value))
                    lanes.store(lanes.multiply_add(factor, x, y), address)
                return results

            after = simd.loop(builder, numbers.stride, before, step)
            for place, value in zip(places, after, strict=True):
                lanes.store(value, row.at(builder, place))

        wide = simd.number(_VECTORS * LANES)
        groups = builder.sdiv(row.stride, wide)
        done = builder.mul(groups, wide)

        def whole(index: Any, _: list[Any]) -> list[Any]:
            some(builder.mul(index, wide), _VECTORS)
            return []

        def part(index: Any, _: list[Any]) -> list[Any]:
            begin = builder.add(done, builder.mul(index, simd.number(LANES)))
            some(begin, 1, builder.sub(row.stride, begin))
            return []

        simd.loop(builder, groups, [], whole)
        rest = builder.sub(row.stride, done)
        parts = builder.sdiv(builder.add(rest, simd.number(LANES - 1)), simd.number(LANES))
        simd.loop(builder, parts, [], part)
        return context.get_dummy_value()

    return types.void(row, table, numbers, factors), generate


descend = twin(_python_descend, _descend)
"""descend(row, table, numbers, factors): row += sum of factors[k] table[numbers[k]], while
table[numbers[k]] += factors[k] row, of the row as it was before."""
