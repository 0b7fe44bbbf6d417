"""The input's columns that go along with the results: their names and types."""

import base64
import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from ..packages import optional
from ..texts import FileError
from ..texts.parquet import schema_of
from .inputs import Input
from .rows import ID, Row

BEFORE = "input_"
"""Begins the name of an input's column that is called like one of the results."""

ARROW = "arrow:"
"""Begins the type of a column that was read from parquet: pyarrow's own, in base64."""

_LARGEST = 2**63
_PLAIN_TYPES = {bool: "bool", int: "int64", float: "double", str: "string"}


class Kept(NamedTuple):
    """A column of the input, its name among the results, and its type.

    A type is bool, int64, double, string, json (a value of any kind, as JSON in a string) or
    one of pyarrow's.
    """

    name: str
    named: str
    type: str


class Types:
    """The types of columns, by all values that were seen."""

    def __init__(self) -> None:
        self._seen: dict[str, set[str]] = {}

    def see(self, row: Row) -> None:
        """Take note of a row's values."""
        for name, value in row.values.items():
            seen = self._seen.setdefault(name, set())
            if value is not None:
                seen.add(_type_of(value))

    def of_file(self, each: Input, text: str | None) -> None:
        """Take note of the columns of a parquet file, but that of its texts.

        Raises FileError where a column had another type in a file before.
        """
        for field in schema_of(each.source):
            if field.name == text:
                continue
            encoded = base64.b64encode(_pyarrow().schema([field.with_nullable(True)
                                       .remove_metadata()]).serialize()).decode()  # fmt: skip
            seen = self._seen.setdefault(field.name, set())
            seen.add(f"{ARROW}{encoded}")
            if len(seen) > 1:
                raise FileError(
                    f"{each.name}: expected the column {field.name!r:.60} to have the type that "
                    f"it has in the file before, got {field.type}; run the files one by one"
                )

    def kept(self, taken: Iterable[str], of_ids: str) -> list[Kept]:
        """Return all columns; those named like a result that is taken get names of their own.

        The column of ids is left out where it holds strings, which the results' ids are.
        """
        types = {name: _joined(seen) for name, seen in self._seen.items()}
        if is_string(types.get(of_ids, "")):
            del types[of_ids]
        used = {*taken, ID}
        found = []
        for name, type_ in types.items():
            named = name
            while named in used or (named != name and named in types):
                named = BEFORE + named
            used.add(named)
            found.append(Kept(name, named, type_))
        return found


def is_string(type_: str) -> bool:
    """Say whether a type is of strings."""
    return type_ == "string" or (
        type_.startswith(ARROW) and str(arrow_type(type_)) in ("string", "large_string")
    )


def arrow_type(type_: str) -> Any:
    """Return pyarrow's type; MissingPackageError without pyarrow."""
    arrow = _pyarrow()
    if type_.startswith(ARROW):
        content = arrow.py_buffer(base64.b64decode(type_.removeprefix(ARROW)))
        return arrow.ipc.read_schema(content)[0].type
    names = {"bool": "bool_", "json": "string", "double": "float64"}
    return getattr(arrow, names.get(type_, type_))()


def value_as(type_: str, value: Any) -> Any:
    """Return a value as its column has it: JSON for `json`, else itself."""
    if type_ == "json" and value is not None:
        return json.dumps(value, default=str)
    if type_ == "double" and isinstance(value, int):
        return float(value)
    if isinstance(value, str) and not value.isascii():
        return value.encode("utf-8", "replace").decode()  # JSON may have lone surrogates
    return value


def _type_of(value: Any) -> str:
    if type(value) is int and not -_LARGEST <= value < _LARGEST:
        return "json"
    return _PLAIN_TYPES.get(type(value), "json")


def _joined(seen: set[str]) -> str:
    if seen == {"int64", "double"}:
        return "double"
    return next(iter(seen)) if len(seen) == 1 else "json" if seen else "string"


def _pyarrow() -> Any:
    return optional("pyarrow", "a .parquet file", "pip install 'salience[tables]'")
