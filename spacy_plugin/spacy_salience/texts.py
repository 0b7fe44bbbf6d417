"""Reading texts from files, one document after the other."""

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO, cast

from salience.errors import SalienceError


class FileError(SalienceError, ValueError):
    """A file of texts cannot be read as what its name says."""


def documents(path: Path) -> Iterator[str]:
    """Yield the documents of a file, which may be gzipped.

    .jsonl has one object with a "text" a line; any other file is plain text
    with a blank line between documents. Raises FileError, which names the line.
    """
    if is_jsonl(path):
        yield from _json_texts(path)
        return
    paragraph: list[str] = []
    for line in lines(path):
        if line.strip():
            paragraph.append(line)
        elif paragraph:
            yield "\n".join(paragraph)
            paragraph = []
    if paragraph:
        yield "\n".join(paragraph)


def fields(path: Path) -> Iterator[list[str]]:
    """Yield the tab-separated fields of each line."""
    for line in lines(path):
        yield line.split("\t")


def lines(path: Path) -> Iterator[str]:
    """Yield the lines of a UTF-8 file, gzipped where its name ends in .gz."""
    try:
        with _open(path) as file:
            for line in file:
                yield line.rstrip("\n")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise FileError(
            f"{path}: expected a UTF-8 text file (or a gzipped one named .gz), "
            f"could not read it: {error}"
        ) from error


def is_jsonl(path: Path) -> bool:
    """Say whether a file's name promises one JSON object a line."""
    return path.name.lower().endswith((".jsonl", ".jsonl.gz"))


def _open(path: Path) -> TextIO:
    if path.suffix.lower() == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8-sig"))
    return path.open(encoding="utf-8-sig")


def _json_texts(path: Path) -> Iterator[str]:
    for number, line in enumerate(lines(path), start=1):
        if not line.strip():
            continue
        try:
            text = json.loads(line)["text"]
            text.encode()  # a lone surrogate is no text
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise FileError(
                f'{path}, line {number}: expected a JSON object with a "text" of valid Unicode'
            ) from error
        yield text
