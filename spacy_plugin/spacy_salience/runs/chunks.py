"""Cutting documents into chunks, each of which becomes one result file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from .rows import Row

MOST_IN_CHUNK = 1_000_000
"""Characters after which a chunk is closed, however few documents it has."""

DOCUMENTS = 2000
"""Documents of a chunk, by default."""


class Chunk(NamedTuple):
    """Documents of one result file, and its place among all, from 0."""

    number: int
    rows: list[Row]


def chunks_of(rows: Iterable[Row | None], size: int, most: int = MOST_IN_CHUNK) -> Iterator[Chunk]:
    """Yield the documents in chunks of at most `size`; an empty one where there are none.

    most: characters after which a chunk is closed.
    """
    number, characters, some = 0, 0, list[Row]()
    for row in rows:
        if row is None:
            continue
        if len(some) == size or (some and characters + len(row.text) > most):
            yield Chunk(number, some)
            number, characters, some = number + 1, 0, []
        some.append(row)
        characters += len(row.text)
    if some or not number:
        yield Chunk(number, some)


def name_of(number: int) -> str:
    """Return the name of a chunk's result file, without its ending."""
    return f"chunk-{number:06}"


def is_done(out: Path, number: int, ending: str) -> bool:
    """Say whether a chunk's result file is there, and so whole."""
    return (out / f"{name_of(number)}{ending}").exists()
