"""Where compiled kernels are kept on disk: where numba keeps them, or beside the package.

numba uses a folder only where it can write. A container that was warmed up as
root and runs as somebody else, or from a read-only disk, has all kernels beside
the package and may only read them there: so they are looked for there too,
unless NUMBA_CACHE_DIR (or NUMBA_CACHE_LOCATOR_CLASSES) names other folders.

A cached kernel is code that is run: so files are checked before they are loaded
(files.py), and folders that others may write to are refused (trust.py).
"""

# numba's classes have no types.
# mypy: disable-error-code="no-untyped-call, misc, assignment, attr-defined"

from contextlib import suppress
from typing import Any

import llvmlite
from numba import config
from numba.core.caching import CompileResultCacheImpl, FunctionCache

from . import sources as kernel_sources
from . import trust as kernel_trust
from .files import CheckedFiles
from .places import InPackage, InPackageAsItIs, Named, OfUser
from .places import folder_beside as _folder_beside


class _Impl(CompileResultCacheImpl):
    _locator_classes = [Named, InPackage, OfUser]  # noqa: RUF012


class _ReadOnlyImpl(CompileResultCacheImpl):
    _locator_classes = [InPackageAsItIs]  # noqa: RUF012


def checked(kind: type[CheckedFiles], cache: Any, function: Any, compiler: str) -> CheckedFiles:
    """Return the files of a cache of numba's, bound to the function, its sources and a compiler.

    Raises UntrustedError where others may write to the folder.
    """
    kernel_trust.require(cache._cache_path)
    name = f"{function.__module__}.{function.__qualname__}"
    stamps = cache._impl.locator.get_source_stamp(), kernel_sources.digest()
    return kind(cache._cache_path, cache._impl.filename_base, (name, *stamps, compiler))


class _Checked(FunctionCache):
    """numba's cache; only files that fit this kernel and its sources are loaded."""

    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file = checked(CheckedFiles, self, function, llvmlite.__version__)


class KernelCache(_Checked):
    """numba's cache of a kernel; what is not in it may be in the package's own folder.

    Raises whatever numba does where it can write nowhere, and UntrustedError
    where others may write to the folder that was named.
    """

    _impl_class = _Impl

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel, None where it is in neither."""
        found = super().load_overload(sig, target_context)
        if found is None and not named():
            with suppress(RuntimeError, OSError, kernel_trust.UntrustedError):  # no such folder
                found = Beside(self._py_func).load_overload(sig, target_context)
        return found


class Beside(_Checked):
    """The package's own folder, which is only read."""

    _impl_class = _ReadOnlyImpl
    _found = False

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel, None where there is none."""
        if named():
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
    return None if named() else _folder_beside(function)


def named() -> bool:
    """Say whether the user named cache folders: no other folder is read then."""
    return bool(config.CACHE_DIR or getattr(config, "CACHE_LOCATOR_CLASSES", ""))
