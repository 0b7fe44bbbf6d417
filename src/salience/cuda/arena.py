"""Memory of the GPU that is allocated once and reused for every batch."""

from contextlib import suppress
from typing import Any

import numpy as np

from ..errors import DeviceMemoryError
from .places import Place

ALIGNMENT = 256
"""Bytes: where CUDA's own allocations begin."""


class Arena(Place):
    """Allocates arrays in one buffer, until reset() frees them all at once.

    The buffer grows to what a whole batch needed. After reset() its arrays may be
    used only by kernels that were launched before, on the same stream.
    """

    def __init__(self, stream: Any = 0) -> None:
        super().__init__(stream)
        self._buffer: Any = None
        self._used = 0

    def empty(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return a device array in the buffer, or outside it where it is full."""
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        first = self._used
        self._used += -(-size // ALIGNMENT) * ALIGNMENT
        if not size or self._buffer is None or self._used > self._buffer.size:
            return super().empty(shape, dtype)
        return self._buffer[first : first + size].view(dtype).reshape(*shape)

    def reset(self) -> None:
        """Free all arrays, and let the buffer grow to what they needed, if there is memory."""
        used, self._used = self._used, 0
        if self._buffer is None or self._buffer.size < used:
            self._buffer = None  # freed first: old and new might not fit together
            with suppress(DeviceMemoryError):
                self._buffer = super().empty((used,), np.uint8)

    def release(self) -> None:
        """Give the buffer back to numba."""
        self._buffer, self._used = None, 0
