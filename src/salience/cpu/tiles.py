"""The innermost loop of every matrix product: a tile of its result in SIMD registers.

A number of the tile has one accumulator, to which products are added in the order
of k, each by a fused multiply-add, whatever the tile's shape. So are squares of
differences.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from ..types import Floats
from . import simd
from .jit import twin

# As many accumulators as there are registers for, and enough to keep the multiply-add units
# busy: a tile of one vector has twice as many rows, where there are registers for that.
ROWS, VECTORS = (4, 4) if simd.WIDE else (6, 1)
NARROW_ROWS = 2 * ROWS if simd.WIDE else ROWS

Tile = Callable[..., None]


def make_tile(rows: int, vectors: int, transposed: bool, *, squares: bool = False) -> Tile:
    """Return add(a, i, k, depth, b, kb, j, out, io, jo, columns), for use in kernels.

    out[io.., jo..] += a[i.., k..] b[kb.., j..] over `depth` steps, `rows` rows
    and `columns` columns; transposed, a is read as a[k.., i..]. With squares, it is
    (a[i.., k] - b[k, j..])^2 that is summed over k. A tile of one vector has any
    number of columns up to LANES, one of more has them all.
    """

    def add(
        a: Floats, i: int, k: int, depth: int, b: Floats, kb: int, j: int,
        out: Floats, io: int, jo: int, columns: int,
    ) -> None:  # fmt: skip
        # As plain Python, where numba is switched off (NUMBA_DISABLE_JIT).
        part = a[k : k + depth, i : i + rows].T if transposed else a[i : i + rows, k : k + depth]
        other = b[kb : kb + depth, j : j + columns]
        # Not part @ other: BLAS sums one row in another order than several.
        terms = (part[:, :, None] - other) ** 2 if squares else part[:, :, None] * other
        out[io : io + rows, jo : jo + columns] += terms.sum(axis=1)

    return twin(add, _intrinsic(rows, vectors, transposed, squares))


def _factors(lanes: simd.Lanes, x: Any, y: Any) -> tuple[Any, Any]:
    return x, y


def _difference_twice(lanes: simd.Lanes, x: Any, y: Any) -> tuple[Any, Any]:
    difference = lanes.subtract(x, y)
    return difference, difference


def _intrinsic(rows: int, vectors: int, transposed: bool, squares: bool) -> Any:
    factors = _difference_twice if squares else _factors

    @intrinsic
    def tile(_, a, i, k, depth, b, kb, j, out, io, jo, columns):  # type: ignore[no-untyped-def]
        places = [types.int64] * 3
        signature = types.void(a, *places, b, *places[:2], out, *places)

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            unpack = simd.unpacker(context, builder)
            a, i, k, depth, b, kb, j, out, io, jo, columns = (
                unpack(kind, value) for kind, value in zip(signature.args, values, strict=True)
            )
            lanes = simd.Lanes(builder, columns if vectors == 1 else None)
            of_rows = [simd.number(r) for r in range(rows)]
            of_vectors = [simd.number(v * simd.LANES) for v in range(vectors)]

            def at(matrix: Any, row: Any, r: Any, column: Any, c: Any) -> Any:
                return matrix.at(builder, builder.add(column, c), builder.add(row, r))

            def step(n: Any, sums: list[Any]) -> list[Any]:
                b_n = [lanes.load(at(b, kb, n, j, v)) for v in of_vectors]
                a_n = [at(a, k, n, i, r) if transposed else at(a, i, r, k, n) for r in of_rows]
                a_n = [lanes.spread(builder.load(place)) for place in a_n]
                pairs = [(x, y) for x in a_n for y in b_n]
                # Each difference right before its sum: sixteen at once would not fit in registers.
                return [
                    lanes.multiply_add(*factors(lanes, x, y), total)
                    for (x, y), total in zip(pairs, sums, strict=True)
                ]

            cells = [at(out, io, r, jo, v) for r in of_rows for v in of_vectors]
            sums = simd.loop(builder, depth, [lanes.load(cell) for cell in cells], step)
            for total, cell in zip(sums, cells, strict=True):
                lanes.store(total, cell)
            return context.get_dummy_value()

        return signature, generate

    return tile
