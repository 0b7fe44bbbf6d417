"""What there is to do: the inputs are read once, before anything is computed."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..texts.reading import text_table
from .chunks import Chunk, chunks_of
from .inputs import Input, is_parquet
from .kept import Kept, Types
from .layout import Layout
from .request import Request
from .rows import ID, Reading, Row, rows_of


class Plan(NamedTuple):
    """How many documents, rows without a text and chunks there are, and the columns' types.

    widths: of the columns of vectors. kept: the columns of the inputs.
    """

    documents: int
    skipped: int
    chunks: int
    widths: Mapping[str, int]
    kept: Sequence[Kept]

    def said(self) -> dict[str, Any]:
        """Return what a manifest says of it."""
        return {**self._asdict(), "kept": [each._asdict() for each in self.kept]}

    def layout(self, request: Request) -> Layout:
        """Return the layout of the result files."""
        return Layout(request.form, request.columns, self.widths, self.kept)


def plan_of(said: Mapping[str, Any]) -> Plan:
    """Return the plan that a manifest says."""
    return Plan(**{**said, "kept": [Kept(**each) for each in said["kept"]]})


def planned(request: Request, inputs: Sequence[Input], widths: Mapping[str, int]) -> Plan:
    """Read the inputs once; FileError where one cannot be read."""
    rows = SeenRows(inputs, request.reading)
    documents = chunks = 0
    for chunk in chunks_of(rows, request.chunk_size):
        documents, chunks = documents + len(chunk.rows), chunks + 1
    kept = rows.types.kept(request.columns, request.reading.id or ID)
    return Plan(documents, rows.skipped, chunks, widths, kept)


def chunks_in(request: Request, inputs: Sequence[Input]) -> Iterator[Chunk]:
    """Yield the chunks of the inputs, the same each time."""
    return chunks_of(rows_of(inputs, request.reading), request.chunk_size)


class SeenRows:
    """The documents of inputs; it counts the rows without a text, and sees what types are."""

    def __init__(self, inputs: Sequence[Input], reading: Reading) -> None:
        self.inputs, self.reading = inputs, reading
        self.skipped, self.types = 0, Types()

    def __iter__(self) -> Iterator[Row]:
        for each in self.inputs:
            typed = is_parquet(each)
            if typed:
                self.types.of_file(each, text_table(each.source, self.reading.field).column)
            for row in rows_of([each], self.reading):
                if row is None:
                    self.skipped += 1
                    continue
                if not typed:
                    self.types.see(row)
                yield row
