"""Ask for rows before they are needed, as rows at random places are not foreseen by a CPU."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import simd
from .jit import twin

_LINE = 64
"""Bytes of a cache line."""

_BYTES = ir.IntType(8).as_pointer()
# To the second level: what waits to come to the first one keeps others from coming, even
# those that are in the second, and only a few can wait at once.
_READ, _TO_SECOND_LEVEL, _DATA = (ir.Constant(simd.INT32, value) for value in (0, 2, 1))


def _python_fetch_row(matrix: Floats, row: int) -> None:
    """Leave it to whoever reads the row."""


@intrinsic
def _fetch_row(_, matrix, row):  # type: ignore[no-untyped-def]
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpack = simd.unpacker(context, builder)
        array, place = (unpack(*pair) for pair in zip(signature.args, values, strict=True))
        module, name = builder.module, "llvm.prefetch.p0"
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, simd.INT32, simd.INT32, simd.INT32])
        function = module.globals.get(name) or ir.Function(module, kind, name)

        # Where rows do not begin with a line, one has a part of one line more.
        first = builder.ptrtoint(array.at(builder, simd.number(0), place), simd.INT64)
        begin = builder.and_(first, simd.number(-_LINE))
        end = builder.add(first, builder.mul(array.stride, simd.number(4)))
        size = builder.add(builder.sub(end, begin), simd.number(_LINE - 1))

        def ask(line: Any, _: list[Any]) -> list[Any]:
            address = builder.add(begin, builder.mul(line, simd.number(_LINE)))
            pointer = builder.inttoptr(address, _BYTES)
            builder.call(function, [pointer, _READ, _TO_SECOND_LEVEL, _DATA])
            return []

        simd.loop(builder, builder.sdiv(size, simd.number(_LINE)), [], ask)
        return context.get_dummy_value()

    return types.void(matrix, types.int64), generate


fetch_row = twin(_python_fetch_row, _fetch_row)
"""fetch_row(matrix, row): have a row come to the cache; nothing waits for it."""
