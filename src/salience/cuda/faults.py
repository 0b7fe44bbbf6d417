"""What can go wrong with a GPU, as errors of our own."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from ..errors import DeviceError, DeviceLostError, DeviceMemoryError

_LOST = {
    "ASSERT", "CONTEXT_IS_DESTROYED", "DEINITIALIZED", "ECC_UNCORRECTABLE", "EXTERNAL_DEVICE",
    "HARDWARE_STACK_ERROR", "ILLEGAL_ADDRESS", "ILLEGAL_INSTRUCTION", "INVALID_ADDRESS_SPACE",
    "INVALID_PC", "LAUNCH_FAILED", "LAUNCH_TIMEOUT", "MISALIGNED_ADDRESS", "NVLINK_UNCORRECTABLE",
    "UNKNOWN",
}  # fmt: skip
"""After one of these a CUDA context answers every call with an error, until the process ends."""


class _State:
    """The process that CUDA was first used in, and what its context died of."""

    owner: int | None = None
    lost: str | None = None


def why_not() -> str | None:
    """Return why CUDA cannot be used in this process, None where it can."""
    if _State.lost:
        return f"its context was lost to {_State.lost}"
    if _State.owner not in (None, os.getpid()):
        return (
            "this process was forked from one that already used CUDA, which cannot be used in "
            "both; start workers by multiprocessing.set_start_method('spawn')"
        )
    if find_spec("numba_cuda") is None:
        return "the package numba-cuda is missing; pip install 'salience[cuda]'"
    reason = _why_no_device()
    if reason is None:
        _State.owner = os.getpid()
    return reason


def describe() -> str:
    """Return the name of the GPU, and of CUDA's version that its driver is for."""
    from numba import cuda

    from .simulated import SIMULATED

    if SIMULATED:
        return "numba's simulator of one"
    device, (major, minor) = cuda.get_current_device(), cuda.cudadrv.driver.driver.get_version()
    name = device.name.decode() if isinstance(device.name, bytes) else device.name
    return f"{name} (its driver is for CUDA {major}.{minor})"


def require() -> None:
    """Raise DeviceLostError or DeviceError where CUDA cannot be used."""
    if _State.owner == os.getpid() and not _State.lost:
        return
    reason = why_not()
    if reason:
        kind = DeviceLostError if _State.lost else DeviceError
        raise kind(f"device='cuda': expected a GPU that can be used, but {reason}")


def in_use() -> bool:
    """Say whether this process, or the one that it was forked from, has used CUDA."""
    return _State.owner is not None


@contextmanager
def named(where: str) -> Iterator[None]:
    """Raise CUDA's errors meanwhile as DeviceMemoryError, DeviceLostError or DeviceError."""
    try:
        yield
    except Exception as error:
        name = _name(error)
        if name is None:
            raise
        if name == "OUT_OF_MEMORY":
            raise DeviceMemoryError(
                f"{where}: the GPU's memory is full; give fewer or shorter documents at once"
            ) from error
        if name in _LOST:
            _State.lost = f"CUDA_ERROR_{name}"
            raise DeviceLostError(
                f"{where}: the GPU failed with CUDA_ERROR_{name}, and nothing more can be "
                "computed on it in this process; start the program anew"
            ) from error
        raise DeviceError(f"{where}: CUDA answered CUDA_ERROR_{name}") from error


def _name(error: Exception) -> str | None:
    """The name of CUDA's error code, None of other errors."""
    found = re.search(r"CUDA_ERROR_([A-Z_]+)", str(error))
    return found[1] if found else None


def _why_no_device() -> str | None:
    from numba import cuda

    from .simulated import SIMULATED

    if SIMULATED:
        return None
    driver: Any = cuda.cudadrv.driver.driver
    if not _starts(driver):
        reason = " ".join(str(driver.initialization_error).split())
        return f"the driver cannot be used ({reason}); nvidia-smi should list a GPU"
    if not len(cuda.gpus):
        return "there is none; nvidia-smi should list one, and CUDA_VISIBLE_DEVICES not hide it"
    has, needs = driver.get_version(), cuda.runtime.get_version()
    if has[0] < needs[0]:
        return (
            f"its driver is for CUDA {has[0]}.{has[1]}, and numba-cuda has been installed for CUDA "
            f"{needs[0]}; update the driver, or pip install 'numba-cuda[cu{has[0]}]'"
        )
    return None


def _starts(driver: Any) -> bool:
    """Say whether the driver starts; numba raises at the first question, and answers the next."""
    try:
        return bool(driver.is_available)
    except Exception:
        if driver.initialization_error is None:
            raise
        return False
