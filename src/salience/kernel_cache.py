"""Where compiled kernels are kept on disk: where numba keeps them, or beside the package.

numba uses a folder only where it can write. A container that was warmed up as
root and runs as somebody else, or from a read-only disk, has all kernels beside
the package and may only read them there: so they are looked for there too,
unless NUMBA_CACHE_DIR (or NUMBA_CACHE_LOCATOR_CLASSES) names other folders.

numba compiles a kernel anew when its own file has changed. Functions that it
inlines are in other files, and an installation leaves compiled kernels where
they are: so it is any change of these files that makes a kernel stale.
"""

# numba's classes have no types.
# mypy: disable-error-code="no-untyped-call, misc, assignment, attr-defined"

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from numba import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache, InTreeCacheLocator


class _ReadOnly(InTreeCacheLocator):
    def ensure_cache_path(self) -> None:
        """Be content with what there is."""


class _Impl(CompileResultCacheImpl):
    _locator_classes = [_ReadOnly]  # noqa: RUF012


@cache
def _sources() -> bytes:
    here, digest = Path(__file__).parent, hashlib.sha256()
    for path in (here / "jit.py", *sorted((here / "ops").rglob("*.py"))):
        digest.update(path.read_bytes())
    return digest.digest()


class _Watching(FunctionCache):
    """numba's cache, of which everything is stale once a file of the kernels has changed."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file._source_stamp = self._cache_file._source_stamp, _sources()


class KernelCache(_Watching):
    """numba's cache of a kernel; what is not in it may be in the package's own folder.

    Raises whatever numba does where it can write nowhere.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel, None where it is in neither."""
        found = super().load_overload(sig, target_context)
        if found is None and not _named():
            found = Beside(self._py_func).load_overload(sig, target_context)
        return found


class Beside(_Watching):
    """The package's own folder, which is only read."""

    _impl_class = _Impl
    _found = False

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel, None where there is none."""
        if _named():
            return None
        found = super().load_overload(sig, target_context)
        self._found = found is not None
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Do nothing."""

    @property
    def cache_path(self) -> str | None:
        """The folder, if the kernel was in it."""
        path: str = super().cache_path
        return path if self._found else None


def folder_beside(function: Any) -> str | None:
    """Return the package's own folder of a kernel, None where other folders are named."""
    return None if _named() else str(Path(function.__code__.co_filename).parent / "__pycache__")


def _named() -> bool:
    return bool(config.CACHE_DIR or getattr(config, "CACHE_LOCATOR_CLASSES", ""))
