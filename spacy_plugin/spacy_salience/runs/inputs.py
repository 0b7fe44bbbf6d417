"""What a run reads: files, those of folders, and standard input, with their sizes and digests."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import NamedTuple

from salience.errors import RangeError

from ..texts import FileError, Source, source_of
from ..texts.formats import KNOWN, Format, suffix_of

BYTES_OF_DIGEST = 2**20
"""Bytes that are hashed at once."""

COPY = ".stdin"
"""The copy of standard input in the folder of results, which lasts as long as the command."""


class Input(NamedTuple):
    """A file to read, and the name that its documents and errors have."""

    name: str
    source: Source


def inputs_of(
    given: Sequence[str | Path],
    out: Path | None,
    format: str | None = None,  # noqa: A002
) -> list[Input]:
    """Return the files of paths, in order; of a folder, those below it whose names are known.

    Raises FileError where there is no such file, a folder has none or contains the folder of
    results, or a name is of a format that is not read; RangeError where nothing is given, the
    same file is given twice, or `format` is unknown.
    """
    found = [each for path in given for each in _inputs(Path(path), out, format)]
    names = [each.name for each in found]
    twice = sorted({name for name in names if names.count(name) > 1})
    if not names:
        raise RangeError("expected files or folders to read, got nothing; name one")
    if twice:
        raise RangeError(f"expected each file once, got {twice[0]} twice; leave one out")
    return found


@contextmanager
def copied(inputs: Sequence[Input], out: Path) -> Iterator[list[Input]]:
    """The inputs, with standard input as a copy in the folder of results while this lasts.

    Raises FileError where it cannot be read.
    """
    try:
        yield [each if each.source.path else _copied(each, out / COPY) for each in inputs]
    finally:
        (out / COPY).unlink(missing_ok=True)


def described(each: Input) -> dict[str, str | int]:
    """Return a file's name, size in bytes and SHA-256."""
    assert each.source.path is not None
    size = each.source.path.stat().st_size
    return {"name": each.name, "bytes": size, "sha256": sha256_of(each.source.path)}


@contextmanager
def unchanged(inputs: Sequence[Input]) -> Iterator[None]:
    """Raise FileError at the end, which names the file, where one was changed meanwhile."""
    before = list(map(_stamp, inputs))
    yield
    for each, stamp in zip(inputs, before, strict=True):
        if _stamp(each) != stamp:
            raise FileError(
                f"{each.name}: expected a file that stays as it is while it is read, but it was "
                "changed meanwhile; run once more, with another --out"
            )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal digits."""
    total = hashlib.sha256()
    with path.open("rb") as file:
        while content := file.read(BYTES_OF_DIGEST):
            total.update(content)
    return total.hexdigest()


def is_parquet(each: Input) -> bool:
    """Say whether a file is of parquet, whose columns have types."""
    return each.source.format is Format.parquet


def _inputs(path: Path, out: Path | None, format: str | None) -> Iterator[Input]:  # noqa: A002
    if str(path) == "-" or path.is_file():
        yield Input(str(path), source_of(path, format))
        return
    if not path.is_dir():
        raise FileError(
            f"{path}: expected a file or folder of texts, found none of this name; check the path"
        )
    if out is not None and out.resolve().is_relative_to(path.resolve()):
        raise FileError(
            f"{path}: expected a folder to read, got one that contains the folder of results, "
            f"{out}; write the results elsewhere"
        )
    files = [each for each in sorted(path.rglob("*")) if each.is_file() and _is_text(each)]
    if not files:
        raise FileError(
            f"{path}: expected files of texts in this folder, found none named {', '.join(KNOWN)}; "
            "give the files one by one, with their format"
        )
    for each in files:
        yield Input(str(each), source_of(each, format))


def _is_text(path: Path) -> bool:
    return not path.name.startswith(".") and suffix_of(path.name)[0] in KNOWN


def _stamp(each: Input) -> tuple[int, int]:
    assert each.source.path is not None
    found = each.source.path.stat()
    return found.st_size, found.st_mtime_ns


def _copied(each: Input, path: Path) -> Input:
    with each.source.open() as stream, path.open("wb") as file:
        copyfileobj(stream, file, BYTES_OF_DIGEST)
    return Input(each.name, Source(path, each.source.format))
