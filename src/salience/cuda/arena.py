"""Memory that is taken once and used again for every batch."""

from contextlib import suppress
from typing import Any

import numpy as np

from ..errors import DeviceMemoryError
from .places import Place

ALIGNMENT = 256
"""Bytes: where CUDA's own allocations begin."""


class Arena(Place):
    """Gives arrays out of one block of memory, until reset() takes all back at once.

    The block grows to what a whole batch needed. Nothing that was given out may
    be used after reset(), except by what is launched on the same stream before.
    """

    def __init__(self, stream: Any = 0) -> None:
        super().__init__(stream)
        self._block: Any = None
        self._used = 0

    def empty(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return a device array in the block, or beside it where it is full."""
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        first = self._used
        self._used += -(-size // ALIGNMENT) * ALIGNMENT
        if not size or self._block is None or self._used > self._block.size:
            return super().empty(shape, dtype)
        return self._block[first : first + size].view(dtype).reshape(*shape)

    def reset(self) -> None:
        """Take all memory back, and have room from now on for as much as was used, if there is."""
        used, self._used = self._used, 0
        if self._block is None or self._block.size < used:
            self._block = None  # first, so that both need not fit
            with suppress(DeviceMemoryError):
                self._block = super().empty((used,), np.uint8)

    def release(self) -> None:
        """Give the block back to numba."""
        self._block, self._used = None, 0
