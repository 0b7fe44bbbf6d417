"""Whether a folder or a file of cached kernels is trusted, as kernels are code that is run.

It is where it belongs to root, to this process's user or to the package's owner
(who could as well change the package itself), and nobody else may write to it.
Windows has no such permissions, and everything is trusted there.
"""

import logging
import os
import stat
from functools import cache

logger = logging.getLogger("salience")


class UntrustedError(Exception):
    """Cached kernels in a folder or file that others may change."""


class _State:
    """Whether a warning was given."""

    told = False


def require(path: str) -> None:
    """Raise UntrustedError where others may change what is in this folder; say so once."""
    try:
        reason = why_not(os.stat(path))
    except OSError:
        return  # there is none, and so nothing in it
    if reason:
        tell(path, reason)
        raise UntrustedError(f"{path} {reason}")


def tell(path: str, reason: str) -> None:
    """Say once in a process that kernels were not loaded from a folder or file, and why."""
    if not _State.told:
        _State.told = True
        logger.warning(
            "cached kernels are code, and those in %s are not loaded, as it %s: kernels are "
            "compiled again, which takes some seconds; see to it that only you or root may "
            "write there (chmod go-w, chown), or set NUMBA_CACHE_DIR to a folder of your own",
            path, reason,
        )  # fmt: skip


def why_not(state: os.stat_result) -> str | None:
    """Return why a folder or file of this state is not trusted, None where it is."""
    if not hasattr(os, "geteuid"):
        return None
    if state.st_uid not in {0, os.geteuid(), _owner()}:
        return f"belongs to another user (uid {state.st_uid})"
    # Nobody can remove or rename another user's file in a sticky folder like /tmp.
    if stat.S_ISDIR(state.st_mode) and state.st_mode & stat.S_ISVTX:
        return None
    if state.st_mode & stat.S_IWOTH:
        return "can be written by every user"
    if state.st_mode & stat.S_IWGRP and not _own_group(state.st_gid):
        return f"can be written by a group of users (gid {state.st_gid})"
    return None


@cache
def _owner() -> int:
    """The user that the package's files belong to, root where they are not on a disk."""
    try:
        return os.stat(__file__).st_uid
    except OSError:
        return 0


def _own_group(number: int) -> bool:
    """Say whether nobody but this user is in a group, as where each user has one (umask 002)."""
    import grp
    import pwd

    if not os.geteuid():
        return False
    try:
        user, group = pwd.getpwuid(os.geteuid()), grp.getgrgid(number)
    except KeyError:
        return False
    private = group.gr_gid == user.pw_gid and group.gr_name == user.pw_name
    return private and set(group.gr_mem) <= {user.pw_name}
