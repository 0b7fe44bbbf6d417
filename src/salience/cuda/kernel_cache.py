"""Where kernels for the GPU are kept on disk: with those of the CPU, and checked alike.

numba-cuda keeps a kernel as the machine code of one kind of GPU. What it cannot
keep, or not load, is compiled in memory.
"""

# numba's classes have no types.
# mypy: disable-error-code="no-untyped-call, misc, assignment, attr-defined"

import logging
from importlib.metadata import version
from typing import Any

from numba.cuda.dispatcher import CUDACache, CUDACacheImpl
from numba.cuda.serialize import dumps

from ..cpu.kernel_cache import checked, named
from ..cpu.kernel_cache.files import CheckedFiles
from ..cpu.kernel_cache.places import InPackage, InPackageAsItIs, Named, OfUser

logger = logging.getLogger("salience")


class _Files(CheckedFiles):
    def _dump(self, obj: object) -> bytes:
        content: bytes = dumps(obj)
        return content


class _Impl(CUDACacheImpl):
    _locator_classes = [Named, InPackage, OfUser]  # noqa: RUF012


class _ReadOnlyImpl(CUDACacheImpl):
    _locator_classes = [InPackageAsItIs]  # noqa: RUF012


class _Checked(CUDACache):
    def __init__(self, function: Any) -> None:
        super().__init__(function)
        self._cache_file = checked(_Files, self, function, version("numba-cuda"))


class _Beside(_Checked):
    _impl_class = _ReadOnlyImpl


class GpuCache(_Checked):
    """numba-cuda's cache of a kernel; what is not in it may be in the package's own folder.

    Raises whatever numba does where it can write nowhere, and UntrustedError
    where others may write to the folder that was named.
    """

    _impl_class = _Impl

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Return the compiled kernel, None where it is nowhere or cannot be loaded."""
        found = self._try(super().load_overload, sig, target_context)
        if found is None and not named():
            found = self._try(lambda *of: _Beside(self._py_func).load_overload(*of), sig,
                              target_context)  # fmt: skip
        return found

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled kernel; what cannot be kept is compiled, and of use, all the same."""
        self._try(super().save_overload, sig, data)

    def _try(self, do: Any, *given: Any) -> Any:
        try:
            return do(*given)
        except Exception as error:
            logger.debug("no kernel cache for %s: %s", self._name, error)
            return None
