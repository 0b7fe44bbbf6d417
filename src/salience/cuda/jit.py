"""The one place that compiles for the GPU.

A kernel has one signature and compiles on its first launch, never at import.
Floats are float32: write np.float32(1), as a Python literal would make a sum float64.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar

from numba import cuda, types
from numba.cuda.core import config as cuda_config

from . import faults, places
from .simulated import SIMULATED

logger = logging.getLogger("salience")

Function = TypeVar("Function", bound=Callable[..., Any])
Grid = int | tuple[int, ...]

F1, F2, F3 = (types.Array(types.float32, n, "C") for n in (1, 2, 3))
I1, I2 = (types.Array(types.int64, n, "C") for n in (1, 2))
INT, BOOL, FLOAT = types.int64, types.boolean, types.float32

THREADS = 128
"""Threads of a thread block, unless a kernel needs another number."""

_kernels: list["Kernel"] = []
_lock = threading.RLock()


class Kernel:
    """A function that runs on the GPU, compiled for one signature when it is first launched."""

    def __init__(self, function: Callable[..., None], signature: tuple[Any, ...]) -> None:
        self._function = function
        self._signature = signature
        self._compiled: Any = None
        self.__doc__ = function.__doc__

    @property
    def name(self) -> str:
        """The module and the name of the function."""
        return f"{self._function.__module__}.{self._function.__qualname__}"

    def __getitem__(self, configuration: tuple[Grid, Grid]) -> Callable[..., None]:
        """Return what launches so many thread blocks of so many threads; nothing where one is 0."""
        grid, block = (
            tuple(map(int, n)) if isinstance(n, tuple) else (int(n),) for n in configuration
        )

        def launch(*arguments: object) -> None:
            if 0 in grid:
                return
            with faults.named(self.name), _one_at_a_time():
                with _without_advice():
                    ready = self.compile()[grid, block, places.current().stream]
                ready(*arguments)

        return launch

    def compile(self) -> Any:
        """Compile now, for the GPU in this machine, and return numba's dispatcher."""
        with _lock:
            if self._compiled is None:
                self._compiled = self._compile()
            return self._compiled

    def cache(self) -> Any:
        """Return where the kernel is kept on disk, None where it is nowhere."""
        if SIMULATED:
            return None
        from .kernel_cache import GpuCache

        try:
            return GpuCache(self._function)  # type: ignore[no-untyped-call]
        except Exception as error:  # whatever a file system comes up with
            logger.debug("no kernel cache for %s: %s", self.name, error)
            return None

    def _compile(self) -> Any:
        cache = self.cache()
        if cache is None:
            return cuda.jit(types.void(*self._signature))(self._function)
        compiled = cuda.jit(self._function)
        compiled._cache = cache  # what cuda.jit(cache=True) does with numba's own
        compiled.compile(self._signature)
        # What cuda.jit does where it is given the signature.
        compiled._specialized = True
        compiled.disable_compile()
        return compiled

    def ptx(self, capability: tuple[int, int]) -> str:
        """Return the kernel in PTX, for any GPU of this compute capability; none need be here."""
        text, _ = cuda.compile_ptx(self._function, self._signature, cc=capability)
        return str(text)


def kernel(*arguments: object) -> Callable[[Callable[..., None]], Kernel]:
    """Decorate a function that each thread runs, and that fills its out arguments."""

    def decorate(function: Callable[..., None]) -> Kernel:
        _kernels.append(Kernel(function, arguments))
        return _kernels[-1]

    return decorate


def kernels() -> list[Kernel]:
    """Return the kernels of all modules that were imported, compiled or not."""
    return list(_kernels)


def inline(function: Function) -> Function:
    """Decorate a function that is only called from kernels and compiled with them."""
    # The simulator knows no such option.
    options = {} if SIMULATED else {"forceinline": True}
    compiled: Function = cuda.jit(device=True, **options)(function)
    return compiled


def blocks(count: int, size: int = THREADS) -> int:
    """Return how many thread blocks, or groups, of this size cover so many items."""
    return -(-count // size)


def threads_for(count: int, most: int = THREADS) -> int:
    """Return the threads of a thread block for so many columns: whole warps, at least one."""
    return min(most, max(32, 32 * blocks(count, 32)))


def _one_at_a_time() -> Any:
    """The simulator can run one launch at a time, of all threads of the host."""
    return _lock if SIMULATED else nullcontext()


@contextmanager
def _without_advice() -> Any:
    """Keep numba from warning that a small batch makes a small grid."""
    with _lock:
        before = cuda_config.CUDA_LOW_OCCUPANCY_WARNINGS
        cuda_config.CUDA_LOW_OCCUPANCY_WARNINGS = 0
        try:
            yield
        finally:
            cuda_config.CUDA_LOW_OCCUPANCY_WARNINGS = before
