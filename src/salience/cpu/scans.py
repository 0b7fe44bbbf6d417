"""Recurrences along the rows of a document, which carry values from row to row in registers.

The carried values of SCAN_WIDTH columns stay in SIMD registers from the first row
to the last, so that a row costs its own loads and stores only.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import simd
from .jit import inline, named, twin
from .simd import LANES

# A formula keeps up to four values per column; AVX-512 has 32 registers of LANES numbers,
# other processors have 16 registers, of fewer.
SCAN_VECTORS = 8 if simd.WIDE else 2
SCAN_WIDTH = SCAN_VECTORS * LANES
"""Columns whose carried values are in registers together."""

Steps: TypeAlias = tuple[int, int, int, int]
Rows: TypeAlias = tuple[Floats, ...]
Places: TypeAlias = tuple[tuple[Floats, int], ...]
Scan: TypeAlias = Callable[[Steps, Rows, Any, Places, Places], None]
Formula: TypeAlias = Callable[[Any, list[Any], list[Any], list[Any]], tuple[list[Any], list[Any]]]


def make_scan(formula: Formula) -> Scan:
    """Return scan((steps, way, low, high), carried, constants, read, write), for use in kernels.

    It takes steps 0, 1, ..., steps - 1 in the columns low..high; way is 1 or -1.
    `read` and `write` are tuples of (array, first): step k reads row first + way * k
    of each array of `read`, and writes that row of each array of `write`. carried
    and constants are tuples of rows; the carried ones are updated. A step is
    formula(ops, carried, constants, read), which returns (carried, written),
    computed by the operations of ops (simd.Lanes, or simd.Arrays without numba).
    """
    wide, narrow = (_make_part(formula, vectors) for vectors in (SCAN_VECTORS, 1))

    @inline
    @named(f"scan_{formula.__module__}_{formula.__name__}")
    def scan(span: Steps, carried: Rows, constants: Any, read: Places, write: Places) -> None:
        steps, way, low, high = span
        whole = low + (high - low) // SCAN_WIDTH * SCAN_WIDTH
        for c in range(low, whole, SCAN_WIDTH):
            wide((steps, way, c, c + SCAN_WIDTH), carried, constants, read, write)
        for c in range(whole, high, LANES):
            narrow((steps, way, c, min(c + LANES, high)), carried, constants, read, write)

    return scan


def _make_part(formula: Formula, vectors: int) -> Scan:
    def part(span: Steps, carried: Rows, constants: Any, read: Places, write: Places) -> None:
        # As plain Python, where numba is switched off (NUMBA_DISABLE_JIT).
        steps, way, low, high = span
        fixed, values = ([row[low:high] for row in rows] for rows in (constants, carried))
        for k in range(steps):
            given = [x[first + way * k, low:high] for x, first in read]
            values, results = formula(simd.Arrays, values, fixed, given)
            for (x, first), result in zip(write, results, strict=True):
                x[first + way * k, low:high] = result
        for row, value in zip(carried, values, strict=True):
            row[low:high] = value

    return twin(part, _intrinsic(formula, vectors))


def _intrinsic(formula: Formula, vectors: int) -> Any:
    @intrinsic
    def part(_, span, carried, constants, read, write):  # type: ignore[no-untyped-def]
        signature = types.void(span, carried, constants, read, write)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            unpack = simd.unpacker(context, builder)
            (steps, way, low, high), *places = (
                unpack(kind, value) for kind, value in zip(signature.args, values, strict=True)
            )
            lanes = simd.Lanes(builder, builder.sub(high, low) if vectors == 1 else None)
            columns = [builder.add(low, simd.number(v * LANES)) for v in range(vectors)]
            _emit(lanes, formula, steps, way, columns, *places)
            return context.get_dummy_value()

        return signature, generate

    return part


def _emit(
    lanes: simd.Lanes, formula: Formula, steps: Any, way: Any, columns: list[Any],
    carried: Any, constants: Any, read: Any, write: Any,
) -> None:  # fmt: skip
    """Load the carried values, take all steps, and store them."""
    builder, count = lanes.builder, len(carried)
    fixed = [[lanes.load(row.at(builder, c)) for row in constants] for c in columns]
    cells = [row.at(builder, c) for c in columns for row in carried]

    def step(k: Any, values: list[Any]) -> list[Any]:
        moved, results = builder.mul(k, way), []
        for v, c in enumerate(columns):
            given = [
                lanes.load(x.at(builder, c, builder.add(first, moved))) for x, first in read
            ]  # fmt: skip
            own = values[v * count : (v + 1) * count]
            following, written = formula(lanes, own, fixed[v], given)
            results.extend(following)
            for (x, first), value in zip(write, written, strict=True):
                lanes.store(value, x.at(builder, c, builder.add(first, moved)))
        return results

    last = simd.loop(builder, steps, [lanes.load(cell) for cell in cells], step)
    for value, cell in zip(last, cells, strict=True):
        lanes.store(value, cell)
