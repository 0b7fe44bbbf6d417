"""The files of a cached kernel, each behind a digest that is checked before it is unpickled.

A file begins with a SHA-256 of what it is (the kernel, its sources, numba's version;
of machine code, also the signature and the processor) and of its content, which
follows. Where the digest does not fit, because the file was damaged, cut, swapped
or written by another version, it is treated as missing, and is written anew.
"""

# numba's classes have no types.
# mypy: disable-error-code="no-untyped-call, misc"

import hashlib
import os
import pickle
from contextlib import suppress
from itertools import count
from typing import Any
from uuid import uuid4

from numba.core.caching import IndexDataCacheFile

from . import trust as kernel_trust

DIGEST_SIZE = hashlib.sha256().digest_size


class CheckedFiles(IndexDataCacheFile):
    """numba's index file and data files of a kernel; owner says of which one."""

    def __init__(self, folder: str, filename_base: str, owner: object) -> None:
        super().__init__(folder, filename_base, None)
        self._owner = owner

    def save(self, key: object, data: object) -> None:
        """Keep a compiled kernel; key says for which signature and processor."""
        names = self._load_index()
        name = names.get(key) or next(
            free for free in map(self._data_name, count(1)) if free not in names.values()
        )
        self._write(name, key, data)
        self._save_index({**names, key: name})

    def load(self, key: object) -> Any:
        """Return the compiled kernel, None where there is none that fits."""
        name = self._load_index().get(key)
        return None if name is None else self._read(name, key)

    def _load_index(self) -> dict[Any, str]:
        return self._read(self._index_name, None) or {}

    def _save_index(self, overloads: dict[Any, str]) -> None:
        self._write(self._index_name, None, overloads)

    def _digest(self, name: str, key: object, content: bytes) -> bytes:
        total = hashlib.sha256(repr((self._owner, self._version, name, key)).encode())
        total.update(content)
        return total.digest()

    def _read(self, name: str, key: object) -> Any:
        path = self._data_path(name)
        try:
            with open(path, "rb") as file:
                reason = kernel_trust.why_not(os.fstat(file.fileno()))
                digest, content = file.read(DIGEST_SIZE), file.read()
        except FileNotFoundError:
            return None
        if reason:
            kernel_trust.tell(path, reason)
            return None
        if digest != self._digest(name, key, content):
            return None
        return pickle.loads(content)  # noqa: S301  (it was written by us, and is not damaged)

    def _write(self, name: str, key: object, data: object) -> None:
        content, path = self._dump(data), self._data_path(name)
        beside = f"{path}.tmp.{uuid4().hex[:16]}"
        try:
            with open(beside, "xb", opener=_for_ourselves) as file:
                file.write(self._digest(name, key, content) + content)
            os.replace(beside, path)
        except BaseException:
            with suppress(OSError):
                os.unlink(beside)
            raise


def _for_ourselves(path: str, flags: int) -> int:
    """Open a file that others may read but not write, whatever the umask."""
    return os.open(path, flags, 0o644)
