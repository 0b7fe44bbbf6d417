"""The matrix product that kernels share: out += a b, summed in the order of k.

Each element of out is one running sum over k from first to last (see tiles.py),
so a row's bits do not depend on the rows beside it, on the thread or on the
machine.
"""

from collections.abc import Callable

import numpy as np

from .. import threads
from ..types import Floats
from .jit import F1, F2, OUT2, inline, kernel, named
from .memory import empty
from .simd import LANES
from .strips import WIDTH, pack, pack_turned, strips_for
from .tiles import NARROW_ROWS, ROWS, VECTORS, make_tile

_DEPTH = 256
"""Steps of k that are done for all of out before the next ones, so that their rows of b stay
in cache."""
ROWS_IN_CACHE = 256
"""Rows that go through all steps of a loop before the next rows do, and stay in cache."""
_WORTH_A_COPY = 64
"""Rows of out from which add_columns_times copies WIDTH columns of y at a time side by side:
a product reads them again for every few rows of out."""

SLICE = 512
"""Rows of a slice: few, as the batches of a training are small."""

_Range = tuple[int, int]


def _make_product(name: str, *, transposed: bool, squares: bool = False) -> Callable[..., None]:
    half, narrow_half = ROWS // 2, NARROW_ROWS // 2
    (tile, few, one), (narrow, narrow_few, narrow_one) = (
        [make_tile(rows, vectors, transposed, squares=squares) for rows in sizes]
        for sizes, vectors in (((ROWS, half, 1), VECTORS), ((NARROW_ROWS, narrow_half, 1), 1))
    )

    @inline
    @named(f"cover_{name}")
    def cover(
        a: Floats, i: int, rows: int, k: int, depth: int,
        b: Floats, kb: int, j: int, columns: int, out: Floats, io: int, jo: int,
    ) -> None:  # fmt: skip
        wide, most, rest = columns // WIDTH * WIDTH, rows // ROWS * ROWS, rows // half * half
        tall, short = rows // NARROW_ROWS * NARROW_ROWS, rows // narrow_half * narrow_half
        for done in range(0, depth, _DEPTH):
            steps, ka, kc = min(_DEPTH, depth - done), k + done, kb + done
            for c in range(0, wide, WIDTH):
                for r in range(0, most, ROWS):
                    tile(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, WIDTH)
                for r in range(most, rest, half):
                    few(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, WIDTH)
                for r in range(rest, rows):
                    one(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, WIDTH)
            for c in range(wide, columns, LANES):
                count = min(LANES, columns - c)
                for r in range(0, tall, NARROW_ROWS):
                    narrow(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, count)
                for r in range(tall, short, narrow_half):
                    narrow_few(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, count)
                for r in range(short, rows):
                    narrow_one(a, i + r, ka, steps, b, kc, j + c, out, io + r, jo + c, count)

    return cover


_add = _make_product("product", transposed=False)
_add_transposed = _make_product("transposed_product", transposed=True)
_add_squares = _make_product("squares", transposed=False, squares=True)


def _of_ranges(cover: Callable[..., None], name: str) -> Callable[..., None]:
    @inline
    @named(name)
    def add(
        a: Floats, a_rows: _Range, a_columns: _Range,
        b: Floats, b_row: int, b_columns: _Range, out: Floats, out_row: int, out_column: int,
    ) -> None:  # fmt: skip
        i, k, j = a_rows[0], a_columns[0], b_columns[0]
        cover(
            a, i, a_rows[1] - i, k, a_columns[1] - k,
            b, b_row, j, b_columns[1] - j, out, out_row, out_column,
        )  # fmt: skip

    return add


add_product = _of_ranges(_add, "add_product")
"""out[rows, columns] += a[a_rows, a_columns] b[b_row.., b_columns], all 2-d and C-ordered."""

add_squares = _of_ranges(_add_squares, "add_squares")
"""out[i, j] += sum over k of (a[i, k] - b[k, j])^2, with add_product's arguments."""


_add_transposed_ranges = _of_ranges(_add_transposed, "add_transposed_ranges")


@inline
def add_transposed_product(
    a: Floats, a_rows: _Range, a_columns: _Range,
    b: Floats, b_row: int, b_columns: _Range, out: Floats, out_row: int, out_column: int,
) -> None:  # fmt: skip
    """out[rows, columns] += a[a_rows, a_columns]' b[b_row.., b_columns], all 2-d and C-ordered."""
    _add_transposed_ranges(a, a_columns, a_rows, b, b_row, b_columns, out, out_row, out_column)


@inline
def clear(row: Floats) -> None:
    """Set row = 0; in a loop, because numba takes two seconds to compile row[:] = 0."""
    for j in range(len(row)):
        row[j] = 0.0


@kernel(F2, F2, OUT2)
def add_rows_times(x: Floats, matrix: Floats, out: Floats) -> None:
    """out += x matrix, where x [N, D] and matrix [D, H]."""
    depth, columns = (0, x.shape[1]), (0, matrix.shape[1])
    for first in range(0, len(x), ROWS_IN_CACHE):
        last = min(first + ROWS_IN_CACHE, len(x))
        add_product(x, (first, last), depth, matrix, 0, columns, out, first, 0)


@inline
def add_packed_product(
    a: Floats, first: int, last: int, strips: Floats, columns: int, out: Floats
) -> None:
    """out[first..last] += a[first..last] W', where W has as many rows as there are columns."""
    rows, depth = (first, last), (0, a.shape[1])
    for c in range(0, columns, WIDTH):
        own, strip = (0, min(WIDTH, columns - c)), c // WIDTH * a.shape[1]
        add_product(a, rows, depth, strips, strip, own, out, first, c)


@kernel(F2, F2, F1, OUT2)
def set_rows_times(x: Floats, strips: Floats, bias: Floats, out: Floats) -> None:
    """Fill out [N, H] from x [N, D], bias [H] and W [H, D], which is packed.

    out = bias + x W'
    """
    for first in range(0, len(x), ROWS_IN_CACHE):
        last = min(first + ROWS_IN_CACHE, len(x))
        for t in range(first, last):
            row = out[t]
            for j in range(len(bias)):
                row[j] = bias[j]
        add_packed_product(x, first, last, strips, len(bias), out)


@kernel(F2, F2, OUT2, OUT2)
def add_columns_times(x: Floats, y: Floats, room: Floats, out: Floats) -> None:
    """out += x' y, where x [N, D] and y [N, H], of which ROWS_IN_CACHE rows fit in room."""
    rows, columns = (0, x.shape[1]), y.shape[1]
    for first in range(0, len(x), ROWS_IN_CACHE):
        last = min(first + ROWS_IN_CACHE, len(x))
        if columns <= WIDTH or x.shape[1] < _WORTH_A_COPY:
            add_transposed_product(x, (first, last), rows, y, first, (0, columns), out, 0, 0)
            continue
        for c in range(0, columns, WIDTH):
            count, strip = min(WIDTH, columns - c), c // WIDTH * ROWS_IN_CACHE
            for t in range(last - first):
                row, to = y[first + t, c : c + count], room[strip + t]
                for j in range(count):
                    to[j] = row[j]
            add_transposed_product(x, (first, last), rows, room, strip, (0, count), out, 0, c)


def rows_times(x: Floats, weight: Floats, bias: Floats | None) -> Floats:
    """y = x W' + b, where x [N, D], W [H, D] and b [H]; on all threads."""
    added = np.zeros(len(weight), np.float32) if bias is None else bias
    return rows_times_packed(x, pack(weight), added)


def rows_times_packed(x: Floats, strips: Floats, bias: Floats) -> Floats:
    """y = x W' + b, where W is packed (see strips.pack)."""
    y = empty(len(x), len(bias))

    def task(rows: slice) -> None:
        set_rows_times(x[rows], strips, bias, y[rows])

    threads.run(task, threads.slices(len(x), SLICE))
    return y


def rows_times_back(d_y: Floats, x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return d_x = d_y W and d_W = d_y' x of y = x W'; on all threads."""
    return rows_times_packed_back(d_y, x, pack_turned(weight))


def rows_times_packed_back(d_y: Floats, x: Floats, strips: Floats) -> tuple[Floats, Floats]:
    """The same from the strips of pack_turned(W)."""
    d_x, slices = np.empty_like(x), threads.slices(len(x), SLICE)
    d_weight = np.zeros((len(slices), d_y.shape[1], x.shape[1]), dtype=np.float32)
    nothing = np.zeros(x.shape[1], dtype=np.float32)

    def task(number: int) -> None:
        last, room = slices[number].stop, strips_for(x.shape[1], ROWS_IN_CACHE)
        # Both products of a few rows while they are in cache.
        for first in range(slices[number].start, last, ROWS_IN_CACHE):
            rows = slice(first, min(first + ROWS_IN_CACHE, last))
            set_rows_times(d_y[rows], strips, nothing, d_x[rows])
            add_columns_times(d_y[rows], x[rows], room, d_weight[number])

    threads.run(task, range(len(slices)))
    return d_x, d_weight.sum(axis=0)
