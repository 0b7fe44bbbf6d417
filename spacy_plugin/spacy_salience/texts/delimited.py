"""Tables as text: fields between commas, semicolons, bars or tabs, after a line of column names."""

import csv
from collections.abc import Iterator
from itertools import chain, islice

from .formats import Format
from .lines import lines
from .quoting import begins_quoted, delimiter_of, is_quoted
from .records import HEAD, Record, Table, table_of
from .sources import Source

LONGEST_FIELD = 2**27
"""The limit of csv for a field, in characters; its default of 131,072 is less than a book."""

WINDOW = 1000
"""Lines that are read to find out whether fields are quoted."""

Rows = Iterator[tuple[int, list[str]]]
"""The number of each row's first line, and the row's fields; blank lines are no rows."""


def delimited(source: Source) -> Table:
    """Return the table of a .csv or .tsv file, whose first row names the columns.

    Raises FileError, which names the line, where a row has more or fewer fields than
    the first, or a quote is not closed.
    """
    rows = rows_of(source)
    _, names = next(rows, (0, []))
    columns = [name.strip() for name in names]
    return table_of(_records(source, columns, rows), columns)


def rows_of(source: Source) -> Rows:
    """Yield the rows of a .csv or .tsv file, the row of names included."""
    if csv.field_size_limit() < LONGEST_FIELD:
        csv.field_size_limit(LONGEST_FIELD)
    found = lines(source)
    head = [] if source.format is Format.tsv else list(islice(found, HEAD))
    delimiter = "\t" if source.format is Format.tsv else delimiter_of(head)
    whole = chain(head, found)
    return _tabbed(source, whole) if delimiter == "\t" else _quoted(source, whole, delimiter)


def _records(source: Source, columns: list[str], rows: Rows) -> Iterator[Record]:
    for number, row in rows:
        if len(row) != len(columns):
            raise source.bad(number, f"{len(columns)} fields", f"{len(row)} fields")
        # In reverse, so that the first of two columns with the same name is kept.
        yield Record(number, dict(zip(reversed(columns), reversed(row), strict=True)))


def _tabbed(source: Source, found: Iterator[str]) -> Rows:
    """Rows with tabs between fields; whether they are quoted is found out at the first quote."""
    width = 0
    for number, line in enumerate(found, start=1):
        if begins_quoted(line):
            window = [line, *islice(found, WINDOW - 1)]
            quoted = is_quoted(window, width, ended=len(window) < WINDOW)
            rest = chain(window, found)
            yield from (_quoted(source, rest, "\t", number - 1) if quoted
                        else _literal(rest, number - 1))  # fmt: skip
            return
        if line:
            row = line.split("\t")
            width = width or len(row)
            yield number, row


def _literal(found: Iterator[str], before: int) -> Rows:
    for number, line in enumerate(found, start=before + 1):
        if line:
            yield number, line.split("\t")


def _quoted(source: Source, found: Iterator[str], delimiter: str, before: int = 0) -> Rows:
    # With line ends, as those inside quotes belong to a field.
    reader = csv.reader((f"{line}\n" for line in found), delimiter=delimiter, strict=True)
    while True:
        number = before + reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:  # its message has no text of the file
            wanted = f"fields between {delimiter!r}, whole in quotes where they begin with one"
            raise source.bad(number, wanted, _fault(error)) from error
        if row is None:
            return
        if row:
            yield number, row


def _fault(error: csv.Error) -> str:
    if "end of data" in str(error):
        return "a quote that nothing closes"
    return f"something else ({error})"
