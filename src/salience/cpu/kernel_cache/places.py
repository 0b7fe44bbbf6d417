"""Folders that compiled kernels may be kept in: numba's, also for modules without a .py file.

They are NUMBA_CACHE_DIR where it is set, else the package's own folder, else
the user's cache folder, whichever can be written first. A module without a .py
file has no place of its own in the last one and in the first (a frozen program
may be unpacked to another folder each time): there its kernels have a folder
that is named after its package and after what it is made of.
"""

# numba's classes have no types.
# mypy: disable-error-code="no-untyped-call, misc, attr-defined"

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from numba import config
from numba.core.caching import _CacheLocator
from numba.misc.appdirs import AppDirs

from . import sources as kernel_sources
from . import trust as kernel_trust

OURS = 0o755
"""Rights of a folder that is made: others may read and not write in it, whatever the umask."""

_USUAL = "~/.cache/numba"


class Place(_CacheLocator):
    """A folder, as numba asks for one."""

    def __init__(self, function: Callable[..., Any], file: str) -> None:
        self._function = function
        self._py_file = kernel_sources.file_of(function) or file

    @classmethod
    def from_function(cls, function: Callable[..., Any], file: str) -> "Place | None":
        """Return the place of a function's kernel, None where this one cannot be used.

        Raises UntrustedError where others may write to the folder that was named.
        """
        place = cls(function, file)
        if not place.fits():
            return None
        try:
            place.ensure_cache_path()
        except OSError:
            return None
        except kernel_trust.UntrustedError:
            if config.CACHE_DIR:
                raise
            return None
        return place

    def fits(self) -> bool:
        """Say whether the function comes from a file, which another process can load too."""
        return self.has_source() or kernel_sources.file_of(self._function) is not None

    def has_source(self) -> bool:
        """Say whether the function's .py file is on the disk."""
        return self._py_file.endswith(".py") and os.path.isfile(self._py_file)

    def ensure_cache_path(self) -> None:
        """Make the folder.

        Raises OSError where it cannot be written, UntrustedError where others may write there.
        """
        path = self.get_cache_path()
        os.makedirs(path, OURS, exist_ok=True)
        kernel_trust.require(path)
        tempfile.TemporaryFile(dir=path).close()

    def get_source_stamp(self) -> bytes:
        """Return a digest of the function's own file, or of its bytecode."""
        if self.has_source():
            return _digest_of(self._py_file)
        return hashlib.sha256(kernel_sources.text_of(self._function.__code__)).digest()

    def get_disambiguator(self) -> str:
        """Return what tells functions of one name apart."""
        return str(self._function.__code__.co_firstlineno)

    def _below(self, folder: str) -> str:
        if self.has_source():
            return os.path.join(folder, self.get_suitable_cache_subpath(self._py_file))
        package = self._function.__module__.rpartition(".")[0]
        return os.path.join(folder, f"{package}_{kernel_sources.digest().hex()[:16]}")


class Named(Place):
    """A folder in NUMBA_CACHE_DIR, which is made where it is not there."""

    def fits(self) -> bool:
        """Say whether it is set."""
        return bool(config.CACHE_DIR) and super().fits()

    def get_cache_path(self) -> str:
        """Return the folder."""
        return self._below(config.CACHE_DIR)

    def ensure_cache_path(self) -> None:
        """Make both folders."""
        os.makedirs(config.CACHE_DIR, OURS, exist_ok=True)
        kernel_trust.require(config.CACHE_DIR)
        super().ensure_cache_path()


class InPackage(Place):
    """The folder that Python keeps the package's own compiled files in."""

    def fits(self) -> bool:
        """Say whether the package is in a folder: not in a zip or in a program's file."""
        return super().fits() and os.path.isdir(os.path.dirname(self._py_file))

    def get_cache_path(self) -> str:
        """Return the folder."""
        return folder_beside(self._function)


class InPackageAsItIs(InPackage):
    """The same, which is only read."""

    def ensure_cache_path(self) -> None:
        """Raise UntrustedError where others may write there; make nothing."""
        kernel_trust.require(self.get_cache_path())


class OfUser(Place):
    """The user's cache folder."""

    def get_cache_path(self) -> str:
        """Return the folder."""
        folder = AppDirs(appname="numba", appauthor=False).user_cache_dir
        # An empty or relative XDG_CACHE_HOME, which would depend on the current folder, is ignored.
        return self._below(folder if os.path.isabs(folder) else os.path.expanduser(_USUAL))


def folder_beside(function: Callable[..., Any]) -> str:
    """Return the package's own folder of a kernel, whether there is one or not."""
    file = kernel_sources.file_of(function) or function.__code__.co_filename
    return os.path.join(os.path.dirname(file), "__pycache__")


@cache
def _digest_of(path: str) -> bytes:
    return hashlib.sha256(Path(path).read_bytes()).digest()
