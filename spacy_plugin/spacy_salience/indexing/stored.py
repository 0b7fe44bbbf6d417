"""Files of an index: each has a size and a digest in the listing, and is read after a check."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from salience.errors import WeightsError
from salience.files import sync_folder, write_whole

from ..packages import optional
from ..runs.inputs import sha256_of

MAKE_ANEW = "make the index again from its texts, with `salience index` into a new folder"


class Stored(NamedTuple):
    """A file of the index: its name in its folder, its size in bytes and its SHA-256."""

    name: str
    bytes: int
    sha256: str


def stored_in(folder: Path) -> list[Stored]:
    """Return what a listing says of the files of a folder."""
    return [
        Stored(path.name, path.stat().st_size, sha256_of(path)) for path in sorted(folder.iterdir())
    ]


def check_size(folder: Path, stored: Stored) -> None:
    """Raise WeightsError where a file is missing or has another size, which takes no time."""
    path = folder / stored.name
    if not path.is_file():
        raise WeightsError(f"{path}: expected a file of the index, found none; {MAKE_ANEW}")
    size = path.stat().st_size
    if size != stored.bytes:
        raise WeightsError(
            f"{path}: expected {stored.bytes} bytes, got {size}: the file was cut or is another; "
            f"{MAKE_ANEW}"
        )


def check(folder: Path, stored: Stored) -> None:
    """Raise WeightsError where a file is not the one that was written."""
    check_size(folder, stored)
    if sha256_of(folder / stored.name) != stored.sha256:
        raise WeightsError(
            f"{folder / stored.name}: expected the file that was written, got one of another "
            f"SHA-256: it is damaged; {MAKE_ANEW}"
        )


def write_folder(folder: Path, write: Callable[[Path], None]) -> list[Stored]:
    """Have files written to a new folder, which gets its name when all are on the disk."""
    temporary = folder.with_name(f".{folder.name}.part")
    for old in (temporary, folder):
        shutil.rmtree(old, ignore_errors=True)
    temporary.mkdir()
    write(temporary)
    found = stored_in(temporary)
    temporary.rename(folder)
    sync_folder(folder.parent)
    return found


def write_array(path: Path, array: Any) -> None:
    """Write an array as .npy."""
    write_whole(path, lambda file: np.save(file, np.ascontiguousarray(array), allow_pickle=False))


def read_array(path: Path) -> Any:
    """Return the array of a .npy file, memory-mapped; WeightsError where it is none."""
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, OSError) as error:
        raise WeightsError(
            f"{path}: expected an array of NumPy, got {error}; {MAKE_ANEW}"
        ) from error


def write_table(path: Path, table: Any) -> None:
    """Write a table of pyarrow as an Arrow file, of one batch."""
    ipc = _arrow("pyarrow.ipc")

    def write(file: Any) -> None:
        with ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())

    write_whole(path, write)


def read_table(path: Path) -> Any:
    """Return the table of an Arrow file, memory-mapped; WeightsError where it is none."""
    arrow = _arrow("pyarrow")
    try:
        return _arrow("pyarrow.ipc").open_file(arrow.memory_map(str(path))).read_all()
    except (arrow.ArrowException, OSError) as error:
        raise WeightsError(
            f"{path}: expected an Arrow file, got {error!s:.200}; {MAKE_ANEW}"
        ) from error


def _arrow(module: str) -> Any:
    return optional(module, "an index of texts", "pip install 'salience[search]'")
