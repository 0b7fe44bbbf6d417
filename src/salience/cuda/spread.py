"""Threads over rows and columns: neighbouring threads have neighbouring columns."""

from .jit import THREADS, blocks


def over(rows: int, columns: int, each: int = 1) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the grid and the thread block for so many rows, of which a thread takes `each`.

    A thread block is (columns, rows): it takes several narrow rows, so that it is full
    where there are enough.
    """
    lanes = 1
    while lanes < min(columns, THREADS):
        lanes *= 2
    side = max(1, min(THREADS // lanes, blocks(rows, each)))
    return (blocks(rows, each * side), blocks(columns, lanes)), (lanes, side)
