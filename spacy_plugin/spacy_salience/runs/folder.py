"""The folder of results, which one run at a time writes to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from salience.errors import RangeError
from salience.files import claim

LOCK = ".lock"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Make the folder if there is none, and keep other runs out of it.

    Raises RangeError where it is a file, or another run writes to it.
    """
    if out.exists() and not out.is_dir():
        raise RangeError(
            f"{out}: expected a folder for results, got a file; name another with --out"
        )
    out.mkdir(parents=True, exist_ok=True)
    path = out / LOCK
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        if not claim(handle):
            raise RangeError(
                f"{out}: expected a folder that no other run writes to, but one does; wait for "
                "it, or name another with --out"
            )
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no open file
                path.unlink()
    finally:
        os.close(handle)
