"""The documents of the inputs, one after another: an id, a text, and the other columns."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from ..texts import FileError, Record, value_in
from ..texts.formats import Format
from ..texts.plain import paragraphs
from ..texts.reading import text_table
from ..texts.tables import check_columns
from .inputs import Input

ID = "id"


class Row(NamedTuple):
    """A document to process: values are the input's columns but that of the text."""

    id: str
    text: str
    values: dict[str, Any]


class Reading(NamedTuple):
    """How inputs are read: the columns of texts and of ids, and whether each row has a text."""

    field: str | None = None
    id: str | None = None
    strict: bool = False


def rows_of(inputs: Sequence[Input], reading: Reading) -> Iterator[Row | None]:
    """Yield each document, and None for each row without a text.

    An id is what the column of ids holds, as text, or else FILE:NUMBER, by the row's line or
    place in its file. Raises FileError where a file cannot be read.
    """
    for each in inputs:
        yield from (
            _texts(each, reading) if each.source.format is Format.txt else (_records(each, reading))
        )


def _texts(each: Input, reading: Reading) -> Iterator[Row]:
    check_columns(each.source, reading.field or reading.id)
    for number, text in enumerate(paragraphs(each.source), start=1):
        yield Row(f"{each.name}:{number}", text, {})


def _records(each: Input, reading: Reading) -> Iterator[Row | None]:
    found = text_table(each.source, reading.field)
    wanted = reading.id or ID
    if reading.id is not None and reading.id not in (found.table.columns or [reading.id]):
        raise FileError(
            f"{each.name}: expected a column {reading.id!r:.60} of ids, found none; name another "
            "with --id, or leave it out"
        )
    for record, text in found.rows(others=True):
        if text is None:
            if reading.strict:
                wanted_text = f"something in {found.column!r:.60}"
                raise each.source.bad(record.number, wanted_text, "nothing")
            yield None
            continue
        values = {name: value for name, value in record.values.items() if name != found.column}
        yield Row(_id(each, record, wanted), text, values)


def _id(each: Input, record: Record, column: str) -> str:
    return value_in(each.source, record, column) or f"{each.name}:{record.number}"
