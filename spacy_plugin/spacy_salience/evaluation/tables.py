"""Reading the columns of a table, and saying which line is wrong."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from ..texts import FileError, fields


class Row(NamedTuple):
    """One line of a table: its number in the file, and the fields that were asked for."""

    line: int
    fields: list[str]


Columns = Sequence[Sequence[str]]
"""The columns of a task, each by all the names it may have."""


def read_rows(path: Path, columns: Columns) -> list[Row]:
    """Return these columns of a tab-separated file with a header, which may be gzipped.

    Raises FileError, which names the line, where a column is missing, a line
    has another number of fields, or a field that is asked for is empty.
    """
    lines = fields(path)
    header = next(lines, [])
    places = [_place(path, header, names) for names in columns]
    rows: list[Row] = []
    for number, line in enumerate(lines, start=2):
        if line == [""]:
            continue
        if len(line) != len(header):
            raise bad_line(path, number, f"{len(header)} fields", f"{len(line)} fields")
        row = [line[place] for place in places]
        for place, field in zip(places, row, strict=True):
            if not field.strip():
                raise bad_line(path, number, f"something in {header[place]!r}", "an empty field")
        rows.append(Row(number, row))
    return rows


def bad_line(path: Path, line: int, expected: str, got: str) -> FileError:
    """Return the error of a line that is not as expected."""
    return FileError(f"{path}, line {line}: expected {expected}, got {got}; mend or remove it")


def too_few(path: Path, expected: str, got: str) -> FileError:
    """Return the error of a file that has not enough in it for a figure."""
    return FileError(f"{path}: expected {expected}, got {got}; add what is missing")


def number_in(path: Path, row: Row, place: int) -> float:
    """Return a field as a finite number."""
    field = row.fields[place]
    try:
        number = float(field)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise bad_line(path, row.line, "a finite number as the score", f"{field!r:.40}")
    return number


def _place(path: Path, header: Sequence[str], names: Sequence[str]) -> int:
    for name in names:
        if name in header:
            return header.index(name)
    raise FileError(
        f"{path}: expected a column {' or '.join(names)} in the first line, "
        f"got {', '.join(header) or 'nothing'}; name the columns there, between tabs"
    )
