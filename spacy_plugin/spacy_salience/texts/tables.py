"""Files with columns, in any format, and the texts in their columns."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from salience.model.forms import is_blank

from .delimited import delimited
from .errors import FileError
from .formats import Format
from .json_files import TEXT, json_lines, json_list, named
from .parquet import parquet_table
from .records import Record, Table, table_of
from .sources import Source

MOST_NAMES = 20
"""The most columns that an error lists."""


def open_table(source: Source) -> Table:
    """Return the table of a file with columns; FileError where it cannot be read as one."""
    if source.format is Format.jsonl:
        return table_of(json_lines(source))
    if source.format is Format.json:
        return table_of(json_list(source))
    return parquet_table(source) if source.format is Format.parquet else delimited(source)


def check_columns(source: Source, field: str | None) -> None:
    """Raise FileError where a column is asked for, as plain text has none."""
    if field is not None:
        raise FileError(
            f"{source.name}: expected a file with columns, to read {field!r:.60} of, got plain "
            "text; leave the field out, or say the format, such as csv"
        )


def column_of(source: Source, table: Table, field: str | None) -> str:
    """Return the column of texts: field, else `text`, else the only one that has texts.

    Raises FileError, which lists the columns, where there is no such column or several.
    """
    names = table.columns
    if field is None:
        field = TEXT if TEXT in names or not names else _only(names) or _only(table.of_text)
    if names and (field is None or list(names).count(field) != 1):
        wanted = "one column of texts" if field is None else f"one column {field!r:.60}"
        raise FileError(
            f"{source.name}: expected {wanted}, got the columns {listed(names)}; name one of "
            "them as the field (--field NAME)"
        )
    return field or TEXT


def value_in(source: Source, record: Record, column: str) -> str | None:
    """Return a record's text in a column; None where there is none, or it is blank.

    A number is converted to text. Raises FileError where the value is something else, or
    not valid Unicode.
    """
    value = record.values.get(column)
    try:
        return text_of(value)
    except (TypeError, UnicodeEncodeError) as error:
        got = "a lone surrogate" if isinstance(value, str) else named(value)
        raise source.bad(record.number, f"{_wanted(source)} in {column!r:.60}", got) from error


def text_of(value: Any) -> str | None:
    """Return a value as a text, a number too; None where there is none, or it is blank.

    Raises TypeError where it is something else, and UnicodeEncodeError at a lone surrogate.
    """
    if type(value) is str and value.isascii() and value[:1].isalnum():
        return value  # as most are: neither blank nor with a surrogate
    if value is None or value != value:  # NaN, by which tables mark missing values
        return None
    text = _as_text(value)
    text.encode()
    return None if is_blank(text) else text


def listed(names: Sequence[str]) -> str:
    """Return the names of columns with commas between them, cut where they are many or long."""
    shown = [name if len(name) <= 40 else f"{name[:39]}\u2026" for name in names[:MOST_NAMES]]
    more = [f"and {len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
    return ", ".join(shown + more) or "nothing"


def _only(names: Sequence[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def _as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return str(value)
    raise TypeError


def _wanted(source: Source) -> str:
    is_json = source.format in (Format.json, Format.jsonl)
    return "a JSON object with a text of valid Unicode" if is_json else "a text of valid Unicode"
