"""Rows that many others are multiplied by, packed as a product reads them.

In a strip, WIDTH rows lie side by side: the first numbers of all, then the
second and so on. A matrix [H, D] becomes [strips * D, WIDTH], which is read from
first to last, where the columns of the matrix itself would share cache lines.
"""

import numpy as np

from ..types import Floats
from .jit import F2, OUT2, inline, kernel
from .memory import empty
from .simd import LANES
from .tiles import VECTORS

WIDTH = VECTORS * LANES
"""Rows side by side: as many as a tile has columns."""

LINE = 16
"""Numbers of a cache line; of so many rows, as many lines stay in cache while they are turned."""


def strips_for(rows: int, width: int) -> Floats:
    """Room for so many rows; what is beyond the last one is never read."""
    return empty(-(-rows // WIDTH) * width, WIDTH)


def pack(rows: Floats) -> Floats:
    """Return the strips of a few rows [H, D]."""
    strips = strips_for(*rows.shape)
    set_strips(rows, strips)
    return strips


def pack_turned(matrix: Floats) -> Floats:
    """Return the strips of the columns of a matrix."""
    return pack(np.ascontiguousarray(matrix.T))


@kernel(F2, OUT2)
def set_strips(rows: Floats, strips: Floats) -> None:
    """Pack rows, of which the first begins a strip."""
    width = rows.shape[1]
    for first in range(0, len(rows), LINE):
        strip, place = first // WIDTH * width, first % WIDTH
        for d in range(0, width, LINE):
            part = rows[first : first + LINE, d : d + LINE]
            transpose(part, strips[strip + d : strip + d + LINE, place : place + LINE])


@inline
def transpose(part: Floats, to: Floats) -> None:
    """to = part', where `to` may be larger."""
    for d in range(part.shape[1]):
        line = to[d]
        for j in range(len(part)):
            line[j] = part[j, d]
