"""New arrays that begin with a cache line, and memory that is used again.

NumPy's arrays begin 16 bytes after one: a row of 128 numbers is on nine lines
then, not eight, and every vector that is read from it is on two.
"""

from math import prod

import numpy as np

from ..types import Floats

_LINE = 16
"""Numbers of a cache line."""


def empty(*shape: int) -> Floats:
    """Return memory for a float32 array, with whatever numbers are in it."""
    room = np.empty(prod(shape) + _LINE, dtype=np.float32)
    first = _before_line(room)
    return room[first : first + prod(shape)].reshape(shape)


def _before_line(room: Floats) -> int:
    address: int = room.__array_interface__["data"][0]
    return -(address // room.itemsize) % _LINE


class Shelf:
    """Memory for arrays of up to `size` numbers, lent again once no view of one is left.

    New memory is far slower to write to than memory that was written to before:
    the system clears it page by page. At most `most` pieces wait for the next array.
    Who clears an array's `writeable` flag cannot set it again.
    """

    def __init__(self, size: int, most: int) -> None:
        self.size = size
        self._most = most
        self._free: list[Floats] = []

    def lend(self, *shape: int) -> Floats:
        """Return memory for a float32 array, which may hold an earlier one's numbers."""
        try:
            room = self._free.pop()
        except IndexError:
            room = np.empty(self.size + _LINE, dtype=np.float32)
        return np.asarray(_Loan(self, room, shape))

    def take_back(self, room: Floats) -> None:
        """Keep this memory for the next array, unless there is enough."""
        if len(self._free) < self._most:
            self._free.append(room)


class _Loan:
    """What an array and all its views hold on to; without them it is gone."""

    def __init__(self, shelf: Shelf, room: Floats, shape: tuple[int, ...]) -> None:
        self._shelf, self._room = shelf, room
        self.__array_interface__ = {
            **room[_before_line(room) :].__array_interface__,
            "shape": shape,
        }

    def __del__(self) -> None:
        self._shelf.take_back(self._room)
