"""The folder of results, which one run at a time writes to."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from salience.errors import RangeError
from salience.files import UNFINISHED, claim, remove_leftovers

from .failures import FOLDER

LOCK = ".lock"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Make the folder if there is none, keep other runs out of it, and remove unfinished files.

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
        _clean(out)
        try:
            yield
        finally:
            with suppress(OSError):  # Windows removes no open file
                path.unlink()
    finally:
        os.close(handle)


def _clean(out: Path) -> None:
    """Remove what workers left that were killed; what a worker of a killed run writes stays."""
    for folder in (out, out / FOLDER):
        for path in folder.glob(f".*{UNFINISHED}"):
            written = path.name[1:].rsplit(".", 2)[0]
            remove_leftovers(folder / written)
