"""Vectors of LANES float32 in LLVM's IR, for the few loops LLVM does not vectorise well itself.

LLVM may not reorder a float sum, so it neither vectorises one nor keeps the
accumulators of a matrix product in registers. tiles.py, reductions.py, maps.py, scans.py
and prefetch.py write those loops with this vocabulary. Every operation in it is rounded alike
on every machine, whatever the width of its registers.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target

from ..types import Floats

LANES = 16

_, _, _features = cpu_target.target_context.codegen().magic_tuple()
WIDE = "+avx512f" in _features.split(",")
"""Whether the processor that numba compiles for has AVX-512: 32 registers of LANES numbers.
numba's cache keeps the kernels of each processor apart (see NUMBA_CPU_NAME)."""

FLOAT, INT32, INT64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
VECTOR = ir.VectorType(FLOAT, LANES)
WIDE_VECTOR = ir.VectorType(ir.DoubleType(), LANES)
_PLACES = ir.VectorType(INT32, LANES)
_ALIGN = 4


def number(value: int) -> Any:
    """Return a constant of 64 bits, as an index."""
    return ir.Constant(INT64, value)


class Lanes:
    """Operations on vectors; where a count is given, on that many of the first lanes only."""

    def __init__(self, builder: Any, count: Any = None) -> None:
        self.builder = builder
        self._mask = None
        if count is not None:
            counts = self.spread(builder.trunc(count, INT32))
            self._mask = builder.icmp_signed("<", ir.Constant(_PLACES, list(range(LANES))), counts)

    def spread(self, value: Any) -> Any:
        """Return a vector with this value in every lane."""
        empty = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
        one = self.builder.insert_element(empty, value, ir.Constant(INT32, 0))
        return self.builder.shuffle_vector(one, empty, ir.Constant(_PLACES, [0] * LANES))

    def load(self, place: Any, absent: float = 0.0) -> Any:
        """Load a vector from an address; lanes that are not used get `absent`."""
        pointer = self.builder.bitcast(place, VECTOR.as_pointer())
        if self._mask is None:
            vector = self.builder.load(pointer)
            vector.align = _ALIGN
            return vector
        return self._call(
            "masked.load.v16f32.p0", VECTOR, pointer, ir.Constant(INT32, _ALIGN), self._mask,
            ir.Constant(VECTOR, [absent] * LANES),
        )  # fmt: skip

    def store(self, vector: Any, place: Any) -> None:
        """Store a vector to an address, without the lanes that are not used."""
        pointer = self.builder.bitcast(place, VECTOR.as_pointer())
        if self._mask is None:
            self.builder.store(vector, pointer).align = _ALIGN
        else:
            self._call(
                "masked.store.v16f32.p0", ir.VoidType(), vector, pointer,
                ir.Constant(INT32, _ALIGN), self._mask,
            )  # fmt: skip

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """Return a * b + c, rounded once."""
        return self._call("fma.v16f32", VECTOR, a, b, c)

    def size(self, a: Any) -> Any:
        """Return |a|."""
        return self._call("fabs.v16f32", VECTOR, a)

    def widen(self, vector: Any) -> Any:
        """Return the same numbers in float64."""
        return self.builder.fpext(vector, WIDE_VECTOR)

    def add(self, a: Any, b: Any) -> Any:
        """Return a + b."""
        return self.builder.fadd(a, b)

    def subtract(self, a: Any, b: Any) -> Any:
        """Return a - b."""
        return self.builder.fsub(a, b)

    def multiply(self, a: Any, b: Any) -> Any:
        """Return a * b."""
        return self.builder.fmul(a, b)

    def _call(self, name: str, result: Any, *given: Any) -> Any:
        kind = ir.FunctionType(result, [value.type for value in given])
        module = self.builder.module
        function = module.globals.get(f"llvm.{name}") or ir.Function(module, kind, f"llvm.{name}")
        return self.builder.call(function, given)


class Arrays:
    """The same operations on NumPy's arrays, for formulas that run without numba."""

    add, subtract, multiply = np.add, np.subtract, np.multiply

    @staticmethod
    def multiply_add(a: Floats, b: Floats, c: Floats) -> Floats:
        """Return a * b + c."""
        return a * b + c


def loop(
    builder: Any, count: Any, begin: list[Any], step: Callable[[Any, list[Any]], list[Any]]
) -> list[Any]:
    """Return the values after `count` steps: first these, then what step(index, values) returns."""
    before = builder.block
    body, after = builder.append_basic_block("step"), builder.append_basic_block("after")
    builder.cbranch(builder.icmp_signed(">", count, number(0)), body, after)
    builder.position_at_end(body)
    index = builder.phi(INT64)
    values = [builder.phi(value.type) for value in begin]
    results = step(index, values)
    last_of_step = builder.block  # another than body where the step has a loop of its own
    following = builder.add(index, number(1))
    _join(index, (number(0), before), (following, last_of_step))
    for phi, first, result in zip(values, begin, results, strict=True):
        _join(phi, (first, before), (result, last_of_step))
    builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    builder.position_at_end(after)
    last = [builder.phi(value.type) for value in begin]
    for phi, first, result in zip(last, begin, results, strict=True):
        _join(phi, (first, before), (result, last_of_step))
    return last


def fold(lanes: Lanes, vector: Any, join: Callable[[Any, Any, Any], Any]) -> Any:
    """Join the upper half of a vector's lanes to the lower, until one number is left."""
    builder, empty, width = lanes.builder, ir.Constant(vector.type, ir.Undefined), LANES
    while width > 1:
        width //= 2
        low, high = (
            builder.shuffle_vector(
                vector, empty, ir.Constant(ir.VectorType(INT32, width), list(places))
            )
            for places in (range(width), range(width, 2 * width))
        )
        vector = join(lanes, low, high)
        empty = ir.Constant(vector.type, ir.Undefined)
    return builder.extract_element(vector, ir.Constant(INT32, 0))


def _join(phi: Any, *incoming: tuple[Any, Any]) -> None:
    for value, block in incoming:
        phi.add_incoming(value, block)


class Array(NamedTuple):
    """Where a C-ordered array's numbers lie, and how far apart its rows are."""

    data: Any
    stride: Any

    def at(self, builder: Any, column: Any, row: Any = None) -> Any:
        """Point to array[row, column], or to array[column] of a row alone."""
        place = column if row is None else builder.add(builder.mul(row, self.stride), column)
        return builder.gep(self.data, [place])


def unpacker(context: Any, builder: Any) -> Callable[[Any, Any], Any]:
    """Return unpack(kind, value): an array becomes an Array, a tuple a list of such."""

    def unpack(kind: Any, value: Any) -> Any:
        if isinstance(kind, types.Array):
            fields = context.make_array(kind)(context, builder, value)
            return Array(fields.data, builder.extract_value(fields.shape, kind.ndim - 1))
        if isinstance(kind, types.BaseTuple):
            kinds: list[Any] = list(kind)  # type: ignore[call-overload]
            return [
                unpack(each, builder.extract_value(value, place))
                for place, each in enumerate(kinds)
            ]
        return value

    return unpack
