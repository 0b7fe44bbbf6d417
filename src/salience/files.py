"""Files that are written whole or not at all.

A file is written in its folder under a random name, and gets its own name when it
is complete and on the disk. The writer holds a lock on it, so that a file without a
lock is recognised as left by a killed process, and removed.
"""

import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

fcntl: Any
try:
    import fcntl
except ImportError:  # on Windows, where no open file can be removed
    fcntl = None

UNFINISHED = ".part"

_STREAMS = ("/dev/fd/", "/dev/std", "/proc/")
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_DAY = 86400


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Have a file written beside this path, and give it this name when it is complete.

    An old file stays until then, and the new one gets its permissions. A symbolic
    link is replaced, not followed. What is no regular file, such as a terminal or a
    pipe, is written to directly. Unfinished files of this name that killed processes
    left are removed.

    Raises OSError where it cannot be written, and whatever `write` raises.
    """
    if _is_stream(path):
        with path.open("wb") as stream:
            write(stream)
        return
    remove_leftovers(path)
    temporary, handle = _create(path)
    try:
        with open(handle, "wb") as file:
            write(file)
            file.flush()
            keep_permissions(path, handle)
            os.fsync(handle)
            if fcntl:  # while it is locked: otherwise another process could remove it as a leftover
                os.replace(temporary, path)
        if not fcntl:
            os.replace(temporary, path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)  # the error of a full disk does not name the file
        raise
    sync_folder(path.parent)


def name_beside(path: Path, ending: str = UNFINISHED) -> Path:
    """Return a path that nobody can guess, in the same folder."""
    return path.with_name(f".{_stem(path)}.{secrets.token_hex(8)}{ending}")


def is_beside(name: str, path: Path, ending: str = UNFINISHED) -> bool:
    """Say whether this is a name that name_beside gives."""
    pattern = rf"\.{re.escape(_stem(path))}\.[0-9a-f]{{16}}{re.escape(ending)}"
    return re.fullmatch(pattern, name) is not None


def is_leftover(name: str, path: Path) -> bool:
    """Say whether this is the name of an unfinished file for this path, of any version."""
    earlier = rf"\.{re.escape(path.name)}\.\d+-\d+"
    return is_beside(name, path) or re.fullmatch(earlier, name) is not None


def remove_leftovers(path: Path) -> None:
    """Remove unfinished files for this path that killed processes left.

    Files of running processes stay. Where files cannot be locked, those that were not
    written to for a day are removed.
    """
    with suppress(OSError):
        for name in os.listdir(path.parent):
            if is_beside(name, path):
                _remove_if_left(path.with_name(name))


def claim(handle: int) -> bool:
    """Lock a new file or folder; say whether it exists, or was removed as a leftover before.

    The lock lasts until the handle is closed.
    """
    return _locked(handle) is not False and os.fstat(handle).st_nlink > 0


def keep_permissions(path: Path, handle: int) -> None:
    """Give an open file or folder the permissions of the one at the path, if there is one."""
    with suppress(OSError):
        before = os.lstat(path)
        if stat.S_ISLNK(before.st_mode) or not hasattr(os, "fchmod"):
            return
        mode, now = stat.S_IMODE(before.st_mode), os.fstat(handle)
        if before.st_gid != now.st_gid:
            try:
                os.fchown(handle, -1, before.st_gid)
            except OSError:
                mode &= ~stat.S_IRWXG  # these were the old group's
        if before.st_uid != now.st_uid:
            with suppress(OSError):
                os.fchown(handle, before.st_uid, -1)
        os.fchmod(handle, mode)


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # Windows opens no folders, and a folder may not be readable
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def _create(path: Path) -> tuple[Path, int]:
    """Make a file beside the path, open and locked; it is private if it replaces another."""
    mode = 0o600 if path.is_file() and not path.is_symlink() else 0o666
    while True:
        temporary = name_beside(path)
        with suppress(FileExistsError):
            handle = os.open(temporary, _NEW | _NO_LINK, mode)
            if claim(handle):
                return temporary, handle
            os.close(handle)


def _remove_if_left(path: Path) -> None:
    """Remove a file or folder, unless its writer may be at work."""
    with suppress(OSError):
        if not fcntl:
            if time.time() - os.lstat(path).st_mtime > _DAY:
                _remove(path)
            return
        handle = os.open(path, os.O_RDONLY | _NO_LINK | os.O_NONBLOCK)
        try:
            held = _locked(handle)
            if held or (held is None and time.time() - os.fstat(handle).st_mtime > _DAY):
                _remove(path)
        finally:
            os.close(handle)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink()


def _locked(handle: int) -> bool | None:
    """Lock an open file or folder; false where another process has, None without locks."""
    if not fcntl:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _stem(path: Path) -> str:
    """Return the beginning of a name: with an ending, a whole one might be too long."""
    return path.name[:50]


def _is_stream(path: Path) -> bool:
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)) or str(path).startswith(_STREAMS)
