"""What a result file looks like: its format, and its columns with their types."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from .columns import OF_VECTORS, Values
from .kept import Kept, arrow_type, value_as
from .rows import ID, Row


class Form(str, Enum):
    """A format that results are written in."""

    parquet = "parquet"
    jsonl = "jsonl"
    npy = "npy"

    @property
    def ending(self) -> str:
        """The ending of a result file's name."""
        return f".{self.value}"

    @property
    def of_tables(self) -> str:
        """The ending of files of rows without vectors, such as the one of errors."""
        return ".parquet" if self is Form.parquet else ".jsonl"


@dataclass(frozen=True)
class Layout:
    """The format, the columns taken of documents, vectors' widths, and the input's columns."""

    form: Form
    columns: tuple[str, ...]
    widths: Mapping[str, int]
    kept: Sequence[Kept]

    def line(self, row: Row, values: Values) -> Values:
        """Return all values of a row, by the names of their columns."""
        others = {each.named: value_as(each.type, row.values.get(each.name)) for each in self.kept}
        return {ID: row.id, **others, **values}

    def schema(self) -> Any:
        """Return pyarrow's schema; MissingPackageError without pyarrow."""
        import pyarrow as pa

        fields = [pa.field(ID, pa.string())]
        fields += [pa.field(each.named, arrow_type(each.type)) for each in self.kept]
        fields += [pa.field(name, self._type(name)) for name in self.columns]
        return pa.schema(fields)

    def _type(self, name: str) -> Any:
        import pyarrow as pa

        if name in OF_VECTORS:
            one = pa.list_(pa.float32(), self.widths[name])
            return one if name == "vector" else pa.list_(one)
        text, number, place = pa.string(), pa.float32(), pa.int32()
        fields = {
            "keywords": {"text": text, "weight": number},
            "tokens": {"text": text, "salience": number},
            "entities": {"text": text, "label": text, "start": place, "end": place},
            "categories": {"label": text, "score": number},
        }
        return pa.list_(pa.struct(fields[name])) if name in fields else text
