"""Prefetch rows of a table: a CPU's own prefetcher cannot foresee reads of random rows."""

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import simd
from .jit import twin

_LINE_BYTES = 64
"""Bytes in a cache line."""

_BYTES = ir.IntType(8).as_pointer()
# Into the second-level cache: the first level has only a few buffers for lines on their way
# from memory, and while all are taken, loads of lines in the second level wait too.
_READ, _TO_SECOND_LEVEL, _DATA = (ir.Constant(simd.INT32, value) for value in (0, 2, 1))


def _python_fetch_row(matrix: Floats, row: int) -> None:
    """Do nothing: prefetching changes no result."""


@intrinsic
def _fetch_row(_, matrix, row):  # type: ignore[no-untyped-def]
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        unpack = simd.unpacker(context, builder)
        array, place = (unpack(*pair) for pair in zip(signature.args, values, strict=True))
        module, name = builder.module, "llvm.prefetch.p0"
        kind = ir.FunctionType(ir.VoidType(), [_BYTES, simd.INT32, simd.INT32, simd.INT32])
        function = module.globals.get(name) or ir.Function(module, kind, name)

        # A row that does not begin on a cache line touches one line more.
        first = builder.ptrtoint(array.at(builder, simd.number(0), place), simd.INT64)
        begin = builder.and_(first, simd.number(-_LINE_BYTES))
        end = builder.add(first, builder.mul(array.stride, simd.number(4)))
        size = builder.add(builder.sub(end, begin), simd.number(_LINE_BYTES - 1))

        def ask(line: Any, _: list[Any]) -> list[Any]:
            address = builder.add(begin, builder.mul(line, simd.number(_LINE_BYTES)))
            pointer = builder.inttoptr(address, _BYTES)
            builder.call(function, [pointer, _READ, _TO_SECOND_LEVEL, _DATA])
            return []

        simd.loop(builder, builder.sdiv(size, simd.number(_LINE_BYTES)), [], ask)
        return context.get_dummy_value()

    return types.void(matrix, types.int64), generate


fetch_row = twin(_python_fetch_row, _fetch_row)
"""fetch_row(matrix, row): prefetch a row into the cache, without waiting for it."""
