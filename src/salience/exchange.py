"""Folders that are written whole or not at all.

A folder is written under another name beside its path. When it is complete, the
two names are exchanged atomically (Linux, macOS), so that the path always has the
old or the new folder. Where the file system cannot do so, the old folder is first
renamed to a name that ends in `.old`; if the process is killed just then, the next
save puts it back.
"""

import ctypes
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from . import files

OLD = ".old"
_CWD, _RENAME_EXCHANGE, _RENAME_SWAP = -100, 2, 2
"""AT_FDCWD and RENAME_EXCHANGE of Linux, RENAME_SWAP of macOS."""


def write_folder(
    path: Path, write: Callable[[Path], object], check: Callable[[], object] = lambda: None
) -> None:
    """Have `write` fill a new folder, and give it this path when it is complete.

    Until then the old folder stays; then it is removed. Unfinished folders that
    killed processes left are removed; an old folder that was renamed is put back if
    the path is free. `check` is called before and after `write`, and raises where the
    old folder must stay.

    Raises OSError where it cannot be written, and whatever `write` and `check` raise.
    """
    _put_back(path)
    check()
    files.remove_leftovers(path)
    with _new_folder(path) as temporary:
        write(temporary)
        _sync(temporary)
        check()
        _put(temporary, path)
        files.sync_folder(path.parent)


@contextmanager
def _new_folder(path: Path) -> Iterator[Path]:
    """Make a locked folder beside this path; in the end, remove what has its name."""
    temporary, handle = _create(path)
    try:
        yield temporary
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _create(path: Path) -> tuple[Path, int | None]:
    while True:
        temporary = files.name_beside(path)
        try:
            os.mkdir(temporary, stat.S_IRWXU if path.is_dir() else 0o777)
        except FileExistsError:
            continue
        if not files.fcntl:
            return temporary, None
        handle = os.open(temporary, os.O_RDONLY)
        if files.claim(handle):
            files.keep_permissions(path, handle)
            return temporary, handle
        os.close(handle)


def _put(new: Path, path: Path) -> None:
    """Give the new folder this path; an old one takes the new one's name."""
    if not os.path.lexists(path):
        os.rename(new, path)
    elif not _exchanged(new, path):
        aside = files.name_beside(path, OLD)
        os.rename(path, aside)
        try:
            os.rename(new, path)
        except BaseException:
            if not os.path.lexists(path):
                os.rename(aside, path)
            raise
        os.rename(aside, new)


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names atomically; false where the system or the disk cannot."""
    names = os.fsencode(one), os.fsencode(other)
    if sys.platform == "linux":
        call = getattr(ctypes.CDLL(None), "renameat2", None)
        return call is not None and not call(_CWD, names[0], _CWD, names[1], _RENAME_EXCHANGE)
    if sys.platform == "darwin":
        call = getattr(ctypes.CDLL(None), "renamex_np", None)
        return call is not None and not call(*names, _RENAME_SWAP)
    return False


def _put_back(path: Path) -> None:
    """Put an old folder that was renamed back if the path is free; else remove it."""
    aside = [each for each in _beside(path) if files.is_beside(each.name, path, OLD)]
    for folder in sorted(aside, key=lambda each: each.lstat().st_mtime, reverse=True):
        if os.path.lexists(path):
            shutil.rmtree(folder, ignore_errors=True)
        else:
            os.rename(folder, path)


def _beside(path: Path) -> list[Path]:
    with suppress(OSError):
        return list(path.parent.iterdir())
    return []


def _sync(folder: Path) -> None:
    """Have all that is in a folder written to the disk."""
    # Windows syncs only files that are open for writing.
    how = os.O_RDONLY if files.fcntl else os.O_RDWR
    for parent, _, names in os.walk(folder):
        for name in names:
            file = os.path.join(parent, name)
            if os.path.isfile(file) and not os.path.islink(file):
                handle = os.open(file, how)
                try:
                    os.fsync(handle)
                finally:
                    os.close(handle)
        files.sync_folder(Path(parent))
