"""On which stream a call computes, and who allocates its results.

Results live where inputs live: CuPy's and PyTorch's arrays get theirs from
their own pool of memory and on their current stream, numba's from numba.
"""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numba import cuda

from ..errors import DeviceError
from . import faults

_ON_GPU = {2, 13}
"""DLPack's numbers of memory on a GPU, and of memory that CUDA moves there and back."""


class Place:
    """Numba's memory, and a stream; 0 is the default one."""

    def __init__(self, stream: Any = 0) -> None:
        self.stream = stream

    def empty(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return an uninitialised device array."""
        with faults.named("memory"):
            return cuda.device_array(shape, dtype, stream=self.stream)

    def give(self, array: Any) -> Any:
        """Return a device array as an array of the library that owns the memory."""
        # numba's reshape drops the stream of an array.
        return array if array.stream is self.stream else array.bind(self.stream)


class CupyPlace(Place):
    """CuPy's memory and its current stream."""

    def __init__(self) -> None:
        self._cupy = sys.modules["cupy"]
        super().__init__(_external(self._cupy.cuda.get_current_stream().ptr))

    def empty(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return a device array in CuPy's memory."""
        with faults.named("memory"):
            return view(self._cupy.empty(shape, dtype))

    def give(self, array: Any) -> Any:
        """Return CuPy's array."""
        return self._cupy.asarray(array)


class TorchPlace(Place):
    """PyTorch's memory and its current stream."""

    def __init__(self) -> None:
        self._torch = sys.modules["torch"]
        super().__init__(_external(self._torch.cuda.current_stream().cuda_stream))

    def empty(self, shape: tuple[int, ...], dtype: Any = np.float32) -> Any:
        """Return a device array in PyTorch's memory."""
        kind = getattr(self._torch, np.dtype(dtype).name)
        with faults.named("memory"):
            return view(self._torch.empty(shape, dtype=kind, device="cuda"))

    def give(self, array: Any) -> Any:
        """Return PyTorch's tensor."""
        return self._torch.as_tensor(array, device="cuda")


_local = threading.local()


def current() -> Place:
    """Return the place of this thread; at first numba's, with the default stream."""
    place: Place | None = getattr(_local, "place", None)
    if place is None:
        place = _local.place = Place()
    return place


@contextmanager
def at(place: Place) -> Iterator[Place]:
    """Compute at this place meanwhile, in this thread."""
    before = getattr(_local, "place", None)
    _local.place = place
    try:
        yield place
    finally:
        _local.place = before


def of(array: Any) -> Place:
    """Return the place of an array that is on the GPU."""
    library = type(array).__module__.split(".")[0]
    if library == "cupy":
        return CupyPlace()
    if library == "torch":
        return TorchPlace()
    return Place(view(array).stream)


def view(array: Any) -> Any:
    """Return numba's view of an array on the GPU, without a copy and without waiting."""
    if hasattr(array, "__cuda_ndarray__"):
        return array
    return cuda.as_cuda_array(array, sync=False)


def require_here(where: str, name: str, array: Any) -> None:
    """Raise DeviceError where an array is on another GPU than the one that is computed on."""
    number = number_of(array)
    if number is None:
        return
    for whose, current in _current_numbers(array):
        if current != number:
            raise DeviceError(
                f"{where}: expected {name} on GPU {current}, the current one of {whose}, got it on "
                f"GPU {number}; copy it there, or make GPU {number} the current one before: "
                f"with numba.cuda.gpus[{number}]: (and torch.cuda.device({number}) or "
                f"cupy.cuda.Device({number}), for their arrays)"
            )


def number_of(array: Any) -> int | None:
    """Return the number of the GPU that an array is on, None where it does not say."""
    if hasattr(array, "__dlpack_device__"):
        kind, number = array.__dlpack_device__()
        return int(number) if int(kind) in _ON_GPU else None
    context = getattr(getattr(array, "gpu_data", None), "context", None)
    number = getattr(getattr(context, "device", None), "id", None)
    return None if number is None else int(number)


def _current_numbers(array: Any) -> Iterator[tuple[str, int]]:
    """The number of the current GPU, for numba and for the library of an array."""
    yield "numba", int(cuda.get_current_device().id)
    library = type(array).__module__.split(".")[0]
    if library == "torch":
        yield library, int(sys.modules["torch"].cuda.current_device())
    if library == "cupy":
        yield library, int(sys.modules["cupy"].cuda.runtime.getDevice())


def wait_for(array: Any) -> None:
    """Make the current stream wait for kernels on another stream that still write to an array.

    The other is its library's current stream, as PyTorch's arrays do not know their own.
    """
    theirs, ours = of(array).stream, current().stream
    if theirs is not ours and _handle(theirs) != _handle(ours):
        written = cuda.event(timing=False)
        written.record(theirs)
        written.wait(ours)


def _handle(stream: Any) -> int:
    # 1 is CUDA's name for the default stream, 0 numba's.
    number = int(stream) if stream else 0
    return 0 if number == 1 else number


def _external(pointer: int) -> Any:
    return cuda.external_stream(pointer) if pointer else 0
