"""`salience warmup`: compile every kernel once, so that no later process has to."""

from enum import Enum
from importlib import import_module
from pkgutil import iter_modules
from time import perf_counter
from typing import Annotated, Any

from tqdm import tqdm
from typer import Option

from salience import ops
from salience.cpu.jit import Kernel, kernels
from salience.cuda import faults
from salience.errors import SalienceError


class For(str, Enum):
    """The device that kernels are compiled for."""

    cpu = "cpu"
    cuda = "cuda"


class CacheError(SalienceError, OSError):
    """Compiled kernels cannot be kept on disk."""


ForDevice = Annotated[For, Option(help="What to compile for: the CPU, or the GPU in this machine.")]


def warmup(device: ForDevice = For.cpu) -> None:
    """Compile all kernels into the cache, for a container image or before forking."""
    begin, kernels = perf_counter(), all_kernels() if device == "cpu" else all_for_gpu()
    compiled = [kernel for kernel in tqdm(kernels, unit=" kernels", disable=None)
                if not from_cache(kernel)]  # fmt: skip
    for kernel in compiled:
        print(f"compiled {kernel.name}")
    lost = [kernel for kernel in kernels if kept_in(kernel) is None]
    print(
        f"{len(compiled)} kernels compiled, {len(kernels) - len(compiled)} were in the "
        f"cache already; {perf_counter() - begin:.1f} s"
    )
    if lost:
        raise CacheError(
            f"warmup: {len(lost)} of {len(kernels)} compiled kernels could not be kept, so "
            "every process will compile them again; make the package's folder or the user's "
            "cache folder writable, or set NUMBA_CACHE_DIR to a folder that is"
        )


OTHER_MODULES = ("encoder.spreading", "vectors.kernels")
"""Modules of salience with kernels that are no op's."""


def all_kernels() -> list[Kernel]:
    """Return all kernels of salience on the CPU."""
    assert ops.__all__  # importing the ops is what registers their kernels
    for name in OTHER_MODULES:
        import_module(f"salience.{name}")
    return kernels()


def all_for_gpu() -> list[Any]:
    """Return the kernels of all ops on the GPU; raise DeviceError where it cannot be used."""
    faults.require()
    for name in ("encoder.cuda", *(f"ops.{each.name}.cuda" for each in iter_modules(ops.__path__)
                                   if each.ispkg)):  # fmt: skip
        import_module(f"salience.{name}")
    from salience.cuda import jit

    return jit.kernels()


def from_cache(kernel: Any) -> bool:
    """Compile the kernel, and say whether it was on disk already."""
    return bool(sum(kernel.compile().stats.cache_hits.values()))


def kept_in(kernel: Any) -> str | None:
    """Return the folder that a compiled kernel is kept in."""
    path: str | None = kernel.compile().stats.cache_path
    return path
