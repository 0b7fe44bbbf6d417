"""Vectors of LANES float32 in LLVM's IR, for the few loops LLVM does not vectorise well itself.

LLVM keeps the order of a float sum, so it neither vectorises one nor holds the
sums of a matrix product in registers. tiles.py and reductions.py write those
loops with this vocabulary. Every operation in it is rounded alike on every
machine, whatever the width of its registers.
"""

from collections.abc import Callable
from typing import Any

import llvmlite.binding
from llvmlite import ir

LANES = 16

WIDE = bool(llvmlite.binding.get_host_cpu_features().get("avx512f"))
"""Whether there are 32 registers of LANES numbers, or of less."""

FLOAT, INT32, INT64 = ir.FloatType(), ir.IntType(32), ir.IntType(64)
VECTOR = ir.VectorType(FLOAT, LANES)
_PLACES = ir.VectorType(INT32, LANES)
_ALIGN = 4


def number(value: int) -> Any:
    """A whole number, as an index."""
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
        """The same value in every lane."""
        empty = ir.Constant(ir.VectorType(value.type, LANES), ir.Undefined)
        one = self.builder.insert_element(empty, value, ir.Constant(INT32, 0))
        return self.builder.shuffle_vector(one, empty, ir.Constant(_PLACES, [0] * LANES))

    def load(self, place: Any, absent: float = 0.0) -> Any:
        """The numbers from a place on; `absent` in lanes that are not used."""
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
        """Write the numbers from a place on."""
        pointer = self.builder.bitcast(place, VECTOR.as_pointer())
        if self._mask is None:
            self.builder.store(vector, pointer).align = _ALIGN
        else:
            self._call(
                "masked.store.v16f32.p0", ir.VoidType(), vector, pointer,
                ir.Constant(INT32, _ALIGN), self._mask,
            )  # fmt: skip

    def multiply_add(self, a: Any, b: Any, c: Any) -> Any:
        """A * b + c, rounded once."""
        return self._call("fma.v16f32", VECTOR, a, b, c)

    def _call(self, name: str, result: Any, *given: Any) -> Any:
        kind = ir.FunctionType(result, [value.type for value in given])
        module = self.builder.module
        function = module.globals.get(f"llvm.{name}") or ir.Function(module, kind, f"llvm.{name}")
        return self.builder.call(function, given)


def loop(
    builder: Any, count: Any, begin: list[Any], step: Callable[[Any, list[Any]], list[Any]]
) -> list[Any]:
    """Values after `count` steps: begin with these, and step(index, values) gives the next."""
    before = builder.block
    body, after = builder.append_basic_block("step"), builder.append_basic_block("after")
    builder.cbranch(builder.icmp_signed(">", count, number(0)), body, after)
    builder.position_at_end(body)
    index = builder.phi(INT64)
    values = [builder.phi(value.type) for value in begin]
    results = step(index, values)
    following = builder.add(index, number(1))
    _join(index, (number(0), before), (following, body))
    for phi, first, result in zip(values, begin, results, strict=True):
        _join(phi, (first, before), (result, body))
    builder.cbranch(builder.icmp_signed("<", following, count), body, after)
    builder.position_at_end(after)
    last = [builder.phi(value.type) for value in begin]
    for phi, first, result in zip(last, begin, results, strict=True):
        _join(phi, (first, before), (result, body))
    return last


def fold(builder: Any, vector: Any, join: Callable[[Any, Any, Any], Any]) -> Any:
    """Join a vector's lanes in halves, down to one number."""
    empty, width = ir.Constant(VECTOR, ir.Undefined), LANES
    while width > 1:
        width //= 2
        low, high = (
            builder.shuffle_vector(
                vector, empty, ir.Constant(ir.VectorType(INT32, width), list(places))
            )
            for places in (range(width), range(width, 2 * width))
        )
        vector = join(builder, low, high)
        empty = ir.Constant(vector.type, ir.Undefined)
    return builder.extract_element(vector, ir.Constant(INT32, 0))


def _join(phi: Any, *incoming: tuple[Any, Any]) -> None:
    for value, block in incoming:
        phi.add_incoming(value, block)


def matrix_maker(context: Any, builder: Any) -> Callable[..., Callable[[Any, Any], Any]]:
    """Return matrix(kind, array, row, column), which returns at(r, c): where a number lies.

    at(r, c) points to array[row + r, column + c], of a C-ordered array.
    """

    def matrix(kind: Any, array: Any, row: Any, column: Any) -> Callable[[Any, Any], Any]:
        fields = context.make_array(kind)(context, builder, array)
        stride = builder.extract_value(fields.shape, 1)

        def place(first: Any, r: Any, c: Any) -> Any:
            return builder.gep(first, [builder.add(builder.mul(r, stride), c)])

        first = place(fields.data, row, column)
        return lambda r, c: place(first, r, c)

    return matrix
