"""A teacher's vectors of a corpus, computed once: a matrix on disk, a row for each text."""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import ShapeError, WeightsError
from ..files import write_whole
from ..types import Floats
from .objectives import directions

Item = TypeVar("Item")

Teacher: TypeAlias = Callable[[Sequence[str]], NDArray[Any]]
"""Texts to one vector each [len(texts), any width]."""

TEXTS_AT_ONCE = 4096
"""Texts of a batch for the teacher; an interrupted call loses one batch at most."""


def write_lessons(
    texts: Iterable[str], count: int, teacher: Teacher, path: Path, done: Callable[[int], object]
) -> NDArray[Any]:
    """Return the directions of the teacher's vectors [count, K], from a .npy file of float16.

    They are computed and written in batches; after an interrupted call the next goes on
    with the batch it was at. done is called with the number of rows that became ready.

    Raises ShapeError or RangeError where the teacher does not return a matrix of
    finite numbers, a row for each text; WeightsError where the file is damaged.
    """
    progress = path.with_suffix(".json")
    matrix, ready = _begun(path, progress, count)
    done(ready)
    for batch in batches_of(islice(texts, ready, None)):
        vectors = checked(teacher(batch), len(batch), matrix)
        if matrix is None:
            matrix = _new_matrix(path, (count, vectors.shape[1]))
        # Directions are learnt, and float16 can hold those of any teacher.
        matrix[ready : ready + len(batch)], _ = directions(vectors)
        matrix.flush()
        ready += len(batch)
        write_whole(progress, partial(_tell, ready))
        done(len(batch))
    if ready != count or matrix is None:
        raise _changed(count, ready)
    written: NDArray[Any] = matrix
    return written


def _begun(path: Path, progress: Path, count: int) -> tuple[Any, int]:
    """Return the matrix of an earlier call and how many of its rows are ready, or None and 0."""
    if not (progress.exists() and path.exists()):
        return None, 0
    try:
        ready: Any = json.loads(progress.read_text(encoding="utf-8"))["rows"]
        # To read first: opened to write, a file that is cut off would be filled with zeros.
        np.load(path, mmap_mode="r", allow_pickle=False)
        matrix = np.load(path, mmap_mode="r+", allow_pickle=False)
        if type(ready) is not int or not 0 < ready <= len(matrix):
            raise ValueError(f"{progress.name} says that {ready} rows are ready")
        if matrix.dtype != np.float16 or matrix.ndim != 2:
            raise ValueError("it is no matrix of float16")
    except (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError) as error:
        raise WeightsError(
            f"{path}: expected what the teacher said, could not read it ({error}); remove it, and "
            "the teacher is asked again"
        ) from error
    if len(matrix) != count:
        raise _changed(count, len(matrix))
    return matrix, ready


def _new_matrix(path: Path, shape: tuple[int, int]) -> Any:
    """Make a matrix on disk, anew, with room for all of it."""
    path.unlink(missing_ok=True)  # replaces a link, not its target
    matrix = np.lib.format.open_memmap(path, mode="w+", dtype=np.float16, shape=shape)
    if hasattr(os, "posix_fallocate"):
        # Reserved now, as a full disk would kill the process when it writes a mapped row.
        with path.open("r+b") as file:
            os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return matrix


def _changed(count: int, found: int) -> ShapeError:
    return ShapeError(
        f"distil: expected {count} texts, as there were before, read {found}; the files have "
        "changed: start in another folder"
    )


def _tell(ready: int, file: BinaryIO) -> None:
    file.write(json.dumps({"rows": ready}).encode())


def checked(vectors: Any, rows: int, before: NDArray[Any] | None = None) -> Floats:
    """Return a teacher's vectors in float32, as wide as before; raises as write_lessons."""
    try:
        found = np.asarray(vectors, dtype=np.float32)
    except (ValueError, TypeError) as error:
        raise ShapeError(
            f"distil: expected a teacher to return a vector for each text, got {error}"
        ) from error
    width = "width" if before is None else before.shape[1]
    found = checks.floats("distil", "the teacher's vectors", found, (rows, width))
    checks.finite("distil", "the teacher's vectors", found)
    return found


def batches_of(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Yield lists of TEXTS_AT_ONCE items, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, TEXTS_AT_ONCE)):
        yield batch
