"""The one place that compiles.

A kernel has one signature, releases the GIL, allocates no array, divides as NumPy does
(so that LLVM may vectorise) and compiles on its first call, never at import. The
on-disk cache is a convenience: where it cannot be written or is damaged, the
kernel compiles in memory and the call goes on; a damaged entry is written anew.
"""

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import update_wrapper
from typing import Any, TypeVar

from numba import config, njit, types
from numba.core.caching import FunctionCache

from .kernel_cache import Beside, KernelCache, folder_beside

logger = logging.getLogger("salience")

Function = TypeVar("Function", bound=Callable[..., Any])

# Inputs are declared read-only: NumPy hands writable arrays to such a
# signature, but refuses the reverse, and arrays from worker processes or
# memory maps are read-only.
F1, F2 = (types.Array(types.float32, n, "C", readonly=True) for n in (1, 2))
I1 = types.Array(types.int64, 1, "C", readonly=True)
OUT1, OUT2, OUT3 = (types.Array(types.float32, n, "C") for n in (1, 2, 3))
OUT_I2 = types.Array(types.int64, 2, "C")
INT, BOOL = types.int64, types.boolean

# Without numba's runtime a kernel cannot allocate arrays, and does not count references to
# views: counting them took longer than the arithmetic of a short row.
_OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False}

# One lock for all kernels, as numba compiles one at a time anyway. A fork waits for it:
# otherwise the child could inherit this lock, or numba's own, held by a thread that does
# not exist in the child, and would wait for ever.
_compiling = threading.RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_compiling.acquire,
        after_in_parent=_compiling.release,
        after_in_child=_compiling.release,
    )
_inlined: set[tuple[str, str]] = set()
_kernels: list["Kernel"] = []


class Kernel:
    """A function that is compiled for one signature when it is first called."""

    def __init__(self, function: Callable[..., Any], signature: Any) -> None:
        self._function = function
        self._signature = signature
        self._compiled: Callable[..., Any] | None = None
        update_wrapper(self, function)

    @property
    def name(self) -> str:
        """The module and the name of the function."""
        return f"{self._function.__module__}.{self._function.__qualname__}"

    def __call__(self, *args: object) -> None:
        """Run the kernel on its arrays; results go to its out arguments."""
        (self._compiled or self.compile())(*args)

    def compile(self) -> Callable[..., Any]:
        """Compile now, or load from the cache, and return numba's dispatcher."""
        with _compiling:
            if self._compiled is None:
                self._compiled = self._compile()
            return self._compiled

    def cache(self) -> FunctionCache | None:
        """Return where the kernel is kept on disk, None where numba can write nowhere."""
        try:
            return KernelCache(self._function)  # type: ignore[no-untyped-call]
        except Exception as error:  # RuntimeError, or whatever a file system comes up with
            self._tell(error)
            return None

    def beside(self) -> str | None:
        """Return the package's own cache folder, None where it is not read."""
        return folder_beside(self._function)

    def _compile(self) -> Callable[..., Any]:
        # An error may come from a missing or damaged cache, or from the kernel itself.
        # The last line compiles without a cache, and raises an error of the kernel again.
        cache = self.cache()
        try:
            return self._njit(cache or Beside(self._function))  # type: ignore[no-untyped-call]
        except OSError as error:  # a full disk, say
            self._tell(error)
        except Exception as error:  # EOFError, UnpicklingError, ...: a damaged entry
            self._tell(error)
            with suppress(Exception):
                if cache is not None:
                    cache.flush()  # type: ignore[no-untyped-call]
                    return self._njit(cache)
        return self._njit(None)

    def _tell(self, error: Exception) -> None:
        logger.debug("no kernel cache for %s: %s", self.name, error)

    def _njit(self, cache: FunctionCache | None) -> Callable[..., Any]:
        compiled: Any = njit(**_OPTIONS)(self._function)
        if config.DISABLE_JIT:  # type: ignore[attr-defined]
            return self._function
        if cache is not None:
            compiled._cache = cache  # what njit(cache=True) does with numba's own
        compiled.compile(self._signature)
        compiled.disable_compile()
        return compiled  # type: ignore[no-any-return]


def kernel(*arguments: object) -> Callable[[Callable[..., None]], Kernel]:
    """Decorate a function that fills its out arguments and returns nothing."""
    signature = types.void(*arguments)

    def decorate(function: Callable[..., None]) -> Kernel:
        _kernels.append(Kernel(function, signature))
        return _kernels[-1]

    return decorate


def kernels() -> list[Kernel]:
    """Return the kernels of all modules that were imported, compiled or not."""
    return list(_kernels)


def inline(function: Function) -> Function:
    """Decorate a function that is only called from kernels and compiled with them.

    Its qualified name must be unique (see named): cached kernels are linked by
    name, so of two functions with the same name one would run in place of the other.
    """
    name = (function.__module__, function.__qualname__)
    if name in _inlined:
        raise ValueError(f"two inlined functions are called {name}; name them apart with named()")
    _inlined.add(name)
    compiled: Function = njit(**_OPTIONS)(function)
    return compiled


def named(name: str) -> Callable[[Function], Function]:
    """Decorate a function that a factory defines several times: give each a name of its own."""

    def rename(function: Function) -> Function:
        function.__qualname__ = name
        return function

    return rename


def twin(python: Function, compiled: Any) -> Function:
    """Return what kernels call: the intrinsic, or plain Python under NUMBA_DISABLE_JIT."""
    chosen: Function = python if config.DISABLE_JIT else compiled  # type: ignore[attr-defined]
    return chosen
