"""The innermost tile of every matrix product, held in SIMD registers.

Each sum is a chain of fused multiply-adds in the order of k, from the first to
the last, whatever the tile's shape.
"""

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic, overload

from ..types import Floats
from . import simd

ROWS = 4
# As many sums as there are registers for.
VECTORS = 4 if simd.WIDE else 1

Tile = Callable[..., None]


def make_tile(rows: int, vectors: int, transposed: bool) -> Tile:
    """Return add(a, i, k, depth, b, kb, j, out, io, jo, columns), for use in kernels.

    out[io.., jo..] += a[i.., k..] b[kb.., j..] over `depth` steps, `rows` rows
    and `columns` columns; transposed, a is read as a[k.., i..]. A tile of one
    vector has any number of columns up to LANES, one of more has them all.
    """

    def add(
        a: Floats, i: int, k: int, depth: int, b: Floats, kb: int, j: int,
        out: Floats, io: int, jo: int, columns: int,
    ) -> None:  # fmt: skip
        # As plain Python, where numba is switched off (NUMBA_DISABLE_JIT).
        part = a[k : k + depth, i : i + rows].T if transposed else a[i : i + rows, k : k + depth]
        out[io : io + rows, jo : jo + columns] += part @ b[kb : kb + depth, j : j + columns]

    tile = _intrinsic(rows, vectors, transposed)

    @overload(add)
    def _(a, i, k, depth, b, kb, j, out, io, jo, columns):  # type: ignore[no-untyped-def]
        return lambda a, i, k, depth, b, kb, j, out, io, jo, columns: tile(
            a, i, k, depth, b, kb, j, out, io, jo, columns
        )

    return add


def _intrinsic(rows: int, vectors: int, transposed: bool) -> Any:
    @intrinsic
    def tile(_, a, i, k, depth, b, kb, j, out, io, jo, columns):  # type: ignore[no-untyped-def]
        places = [types.int64] * 3
        signature = types.void(a, *places, b, *places[:2], out, *places)

        def generate(context: Any, builder: Any, _: Any, values: Any) -> Any:
            a_, i_, k_, depth_, b_, kb_, j_, out_, io_, jo_, columns_ = values
            matrix = simd.matrix_maker(context, builder)
            lanes = simd.Lanes(builder, columns_ if vectors == 1 else None)
            a_at = matrix(a, a_, k_, i_) if transposed else matrix(a, a_, i_, k_)
            b_at, out_at = matrix(b, b_, kb_, j_), matrix(out, out_, io_, jo_)
            cells = [(r, v) for r in range(rows) for v in range(vectors)]
            places = [out_at(simd.number(r), simd.number(v * simd.LANES)) for r, v in cells]

            def step(k: Any, sums: list[Any]) -> list[Any]:
                b_k = [
                    lanes.load(b_at(k, simd.number(v * simd.LANES))) for v in range(vectors)
                ]  # fmt: skip
                indices = [simd.number(r) for r in range(rows)]
                a_k = [
                    lanes.spread(builder.load(a_at(k, r) if transposed else a_at(r, k)))
                    for r in indices
                ]
                return [
                    lanes.multiply_add(a_k[r], b_k[v], s)
                    for (r, v), s in zip(cells, sums, strict=True)
                ]

            sums = simd.loop(builder, depth_, [lanes.load(place) for place in places], step)
            for total, place in zip(sums, places, strict=True):
                lanes.store(total, place)
            return context.get_dummy_value()

        return signature, generate

    return tile
