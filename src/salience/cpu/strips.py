"""A matrix packed in strips, in the order in which a product reads it.

A strip is WIDTH rows of the matrix, transposed: the first number of each, then the
second of each and so on. A matrix [H, D] becomes [strips * D, WIDTH], which a product
reads from first to last; of the matrix itself it would read each number of a column
from another cache line.
"""

import numpy as np

from ..types import Floats
from .jit import F2, OUT2, inline, kernel
from .memory import LINE, empty
from .simd import LANES
from .tiles import VECTORS

WIDTH = VECTORS * LANES
"""Rows of a strip: as many as a tile has columns."""


def strips_for(rows: int, width: int) -> Floats:
    """Return memory for the strips of so many rows; what lies past the last is never read."""
    return empty(-(-rows // WIDTH) * width, WIDTH)


def pack(rows: Floats) -> Floats:
    """Return the strips of a matrix [H, D]."""
    strips = strips_for(*rows.shape)
    set_strips(rows, strips)
    return strips


def pack_turned(matrix: Floats) -> Floats:
    """Return the strips of a matrix transposed."""
    return pack(np.ascontiguousarray(matrix.T))


@kernel(F2, OUT2)
def set_strips(rows: Floats, strips: Floats) -> None:
    """Pack rows, of which the first begins a strip."""
    width = rows.shape[1]
    # LINE x LINE numbers at a time: the lines that are read and written stay in cache.
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
