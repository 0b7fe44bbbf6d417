"""`salience warmup`: compile every kernel once, so that no later process has to."""

from time import perf_counter

from tqdm import tqdm

from salience import ops
from salience.errors import SalienceError
from salience.jit import Kernel, kernels


class CacheError(SalienceError, OSError):
    """Compiled kernels cannot be kept on disk."""


def warmup() -> None:
    """Compile all kernels into the cache, for a container image or before forking."""
    begin = perf_counter()
    compiled = [kernel for kernel in tqdm(all_kernels(), unit=" kernels", disable=None)
                if not from_cache(kernel)]  # fmt: skip
    for kernel in compiled:
        print(f"compiled {kernel.name}")
    lost = [kernel for kernel in all_kernels() if kept_in(kernel) is None]
    print(
        f"{len(compiled)} kernels compiled, {len(all_kernels()) - len(compiled)} were in the "
        f"cache already; {perf_counter() - begin:.1f} s"
    )
    if lost:
        raise CacheError(
            f"warmup: {len(lost)} of {len(all_kernels())} compiled kernels could not be kept, so "
            "every process will compile them again; make the package's folder or the user's "
            "cache folder writable, or set NUMBA_CACHE_DIR to a folder that is"
        )


def all_kernels() -> list[Kernel]:
    """Return the kernels of all ops."""
    assert ops.__all__  # importing the ops is what registers their kernels
    return kernels()


def from_cache(kernel: Kernel) -> bool:
    """Compile the kernel, and say whether it was on disk already."""
    return bool(sum(kernel.compile().stats.cache_hits.values()))  # type: ignore[attr-defined]


def kept_in(kernel: Kernel) -> str | None:
    """Return the folder that a compiled kernel is kept in."""
    path: str | None = kernel.compile().stats.cache_path  # type: ignore[attr-defined]
    return path
