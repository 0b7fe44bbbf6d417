"""Arrays on the GPU: made, filled, and carried to and from the host."""

from typing import Any

import numpy as np
from numba import cuda

from ..types import on_gpu
from . import faults, places
from .jit import F1, FLOAT, I1, INT, THREADS, blocks, kernel
from .simulated import SIMULATED


def empty(*shape: int, dtype: Any = np.float32) -> Any:
    """Return an uninitialised device array, in the memory of this thread's place (places.py)."""
    return places.current().empty(shape, dtype)


def empty_like(array: Any) -> Any:
    """Return an uninitialised device array of this shape and dtype."""
    return empty(*array.shape, dtype=array.dtype)


def zeros(*shape: int, dtype: Any = np.float32) -> Any:
    """Return a device array of zeros."""
    return full(shape, 0, dtype)


def full(shape: tuple[int, ...], value: float, dtype: Any = np.float32) -> Any:
    """Return a device array that holds one number everywhere."""
    array = empty(*shape, dtype=dtype)
    flat, floats = array.reshape(array.size), np.dtype(dtype).kind == "f"
    fill = fill_floats if floats else fill_ints
    fill[blocks(array.size), THREADS](np.dtype(dtype).type(value), flat)
    return array


def to_device(array: Any) -> Any:
    """Copy a host array to the GPU, to the memory of this thread's place."""
    there = empty(*array.shape, dtype=array.dtype)
    if array.size:
        with faults.named("copy"):
            # Flat, as an axis of length 1 may have different strides on the host and the GPU.
            flat = there.reshape(array.size)
            flat.copy_to_device(np.ravel(array), stream=places.current().stream)
    return there


def stack(parts: list[Any]) -> Any:
    """Return device arrays of one shape, which are not empty, along a new first axis."""
    whole = empty(len(parts), *parts[0].shape)
    for i, part in enumerate(parts):
        with faults.named("copy"):
            whole[i].copy_to_device(part, stream=places.current().stream)
    return whole


def there(array: Any) -> Any:
    """Return an array that is on the GPU as it is, and copy one that is on the host."""
    return array if on_gpu(array) else to_device(array)


def to_host(array: Any, here: Any = None) -> Any:
    """Copy a device array to the host, to `here` where it is given, and wait for the copy."""
    if not array.size:
        return np.empty(array.shape, array.dtype)
    stream = places.current().stream
    with faults.named("copy"):
        here = array.copy_to_host(here, stream=stream)
        if stream and not SIMULATED:
            stream.synchronize()
    return here


def some_rows(array: Any, first: int, last: int) -> Any:
    """Return the rows first..last of a device array [N, D], as far as it goes, without a copy."""
    if array.size:
        return array[first:last]
    # numba's slice of an array without numbers has the wrong number of rows.
    return empty(min(last, len(array)) - first, array.shape[1])


def address(array: Any) -> int:
    """Return where in memory a device array begins."""
    return int(array.ctypes.data if SIMULATED else array.device_ctypes_pointer.value)


def synchronize() -> None:
    """Wait until all that was launched is done."""
    with faults.named("synchronize"):
        cuda.synchronize()


@kernel(FLOAT, F1)
def fill_floats(value: Any, out: Any) -> None:
    """Set every number to the value."""
    i = cuda.grid(1)
    if i < len(out):
        out[i] = value


@kernel(INT, I1)
def fill_ints(value: Any, out: Any) -> None:
    """Set every number to the value."""
    i = cuda.grid(1)
    if i < len(out):
        out[i] = value
