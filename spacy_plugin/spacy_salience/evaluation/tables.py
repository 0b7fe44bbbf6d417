"""Reading the columns of a table, and saying which line is wrong."""

from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import NamedTuple

from ..texts import FileError, Source, Table, listed, open_table, source_of, value_in
from ..texts.formats import Format


class Row(NamedTuple):
    """One row of a table: its line in the file, and the fields that were asked for."""

    line: int
    fields: list[str]


Columns = Sequence[Sequence[str]]
"""The columns of a task, each by all the names it may have."""


def table_in(path: Path) -> Table:
    """Return the table of a file; a name that promises no other format is tab-separated."""
    return open_table(_source(path))


def read_rows(path: Path, columns: Columns, table: Table | None = None) -> list[Row]:
    """Return these columns of a table, which is read from the file if it is not given.

    Raises FileError, which names the line, where a column is missing, a line
    has another number of fields, or a field that is asked for is empty.
    """
    source = _source(path)
    table = open_table(source) if table is None else table
    names = [_name(source, table.columns, each) for each in columns]
    rows: list[Row] = []
    for record in table.rows(names):
        fields = []
        for name in names:
            field = value_in(source, record, name)
            if field is None:
                raise bad_line(path, record.number, f"something in {name!r}", "an empty field")
            fields.append(field)
        rows.append(Row(record.number, fields))
    return rows


def bad_line(path: Path, line: int, expected: str, got: str) -> FileError:
    """Return the error of a line that is not as expected."""
    return _source(path).bad(line, expected, got)


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


def _source(path: Path) -> Source:
    return source_of(path, plain=Format.tsv)


def _name(source: Source, columns: Sequence[str], names: Sequence[str]) -> str:
    for name in names:
        if name in columns:
            return name
    first = source.format in (Format.csv, Format.tsv)
    raise FileError(
        f"{source.name}: expected a column {' or '.join(names)}{' in the first line' * first}, "
        f"got {listed(columns)}; name the columns {'there' if first else 'so'}"
    )
