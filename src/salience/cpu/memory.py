"""Arrays of float32 that begin on a cache line, and buffers that are reused.

NumPy aligns an array to 16 bytes only: a row of 128 numbers may then touch nine
cache lines, not eight, and every vector that is loaded from it touches two.
"""

from math import prod

import numpy as np

from ..types import Floats

LINE = 16
"""Numbers of float32 in a cache line."""


def empty(*shape: int) -> Floats:
    """Return an uninitialised array that begins on a cache line."""
    room = np.empty(prod(shape) + LINE, dtype=np.float32)
    first = _before_line(room)
    return room[first : first + prod(shape)].reshape(shape)


def _before_line(room: Floats) -> int:
    address: int = room.__array_interface__["data"][0]
    return -(address // room.itemsize) % LINE


class Shelf:
    """A pool of buffers for arrays of up to `size` numbers; freed buffers are reused.

    A buffer is free when its array and all views of it are gone. Writing to new
    memory is far slower, as the system clears it page by page. At most `most`
    free buffers are kept. An array that was set read-only stays so: NumPy cannot
    set its `writeable` flag again, because the array does not own its memory.
    """

    def __init__(self, size: int, most: int) -> None:
        self.size = size
        self._most = most
        self._free: list[Floats] = []

    def lend(self, *shape: int) -> Floats:
        """Return an uninitialised array, in a free buffer where there is one."""
        try:
            room = self._free.pop()
        except IndexError:
            room = np.empty(self.size + LINE, dtype=np.float32)
        return np.asarray(_Loan(self, room, shape))

    def take_back(self, room: Floats) -> None:
        """Keep a freed buffer for the next array, unless there are enough."""
        if len(self._free) < self._most:
            self._free.append(room)


class _Loan:
    """What an array and all its views refer to; when the last is gone, its buffer is free."""

    def __init__(self, shelf: Shelf, room: Floats, shape: tuple[int, ...]) -> None:
        self._shelf, self._room = shelf, room
        self.__array_interface__ = {
            **room[_before_line(room) :].__array_interface__,
            "shape": shape,
        }

    def __del__(self) -> None:
        self._shelf.take_back(self._room)
