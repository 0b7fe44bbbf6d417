"""Rows of a file with columns, whatever its format."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, NamedTuple

from salience.model.forms import is_blank

HEAD = 100
"""Rows that are read to find out which columns there are, and which of them have texts."""


class Record(NamedTuple):
    """One row: its place in the file, from 1, and its values by the names of their columns."""

    number: int
    values: Mapping[str, Any]


class Table(NamedTuple):
    """A file with columns.

    columns: their names. of_text: the names of those that have texts. rows: yields all
    records, with at least the columns that it is given; it can be called once.
    """

    columns: Sequence[str]
    of_text: Sequence[str]
    rows: Callable[[Sequence[str]], Iterator[Record]]


def table_of(records: Iterator[Record], columns: Sequence[str] | None = None) -> Table:
    """Return the table of records; where columns is None, they are those of the first rows."""
    head = list(islice(records, HEAD))
    names = list(dict.fromkeys(name for record in head for name in record.values))
    of_text = [name for name in names if any(_is_text(each.values.get(name)) for each in head)]
    return Table(names if columns is None else columns, of_text, lambda _: chain(head, records))


def _is_text(value: object) -> bool:
    """Whether a value is a string that is not blank and no number."""
    if not isinstance(value, str) or is_blank(value):
        return False
    try:
        float(value)
    except ValueError:
        return True
    return False
