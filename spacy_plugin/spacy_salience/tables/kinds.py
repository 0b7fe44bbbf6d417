"""The kinds of tables: what columns they have, and how to add some."""

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from salience.errors import DtypeError

from ..packages import optional

New = Mapping[str, Sequence[Any]]
"""Columns to add, as plain values."""


class Kind(NamedTuple):
    """What can be done with tables of one kind.

    names: the columns' names. values: a column as Python's own values, None where one is
    missing. joined: the table with new columns; the last argument makes pyarrow's of them.
    """

    names: Callable[[Any], list[str]]
    values: Callable[[Any, str], list[Any]]
    joined: Callable[[Any, New, Callable[[], Any]], Any]


def kind_of(table: object) -> Kind:
    """Return the kind of a table; DtypeError where it is none."""
    for module, name, kind in _TABLES:
        found = getattr(sys.modules.get(module), name, None)
        if found is not None and isinstance(table, found):
            return kind
    if isinstance(table, Mapping):
        return Kind(list, _of_mapping, lambda table, new, _: {**table, **new})
    raise DtypeError(
        "table: expected a pandas.DataFrame, polars.DataFrame, pyarrow.Table or .RecordBatch, or "
        f"a dict of lists, got a {type(table).__module__}.{type(table).__qualname__}; give a "
        "collection of tables the function, by its own map, such as map_partitions"
    )


def _of_mapping(table: Any, field: str) -> list[Any]:
    return getattr(table[field], "tolist", lambda: list(table[field]))()


def _of_pandas(table: Any, field: str) -> list[Any]:
    column = table[field].astype(object)
    values: list[Any] = column.where(column.notna(), None).tolist()
    return values


def _joined_pandas(table: Any, new: New, _: Callable[[], Any]) -> Any:
    pandas = sys.modules["pandas"]
    columns = {
        name: pandas.Series(list(values), index=table.index, dtype=object)
        for name, values in new.items()
    }
    return pandas.concat([table, pandas.DataFrame(columns, index=table.index)], axis=1)


def _joined_polars(table: Any, new: New, arrays: Callable[[], Any]) -> Any:  # noqa: ARG001
    optional("pyarrow", "add_columns to polars", "pip install 'salience[tables]'")
    return table.hstack(sys.modules["polars"].from_arrow(arrays()))


def _joined_pyarrow(table: Any, new: New, arrays: Callable[[], Any]) -> Any:  # noqa: ARG001
    batch = arrays()
    for name, column in zip(batch.schema, batch.columns, strict=True):
        table = table.append_column(name, column)
    return table


_PYARROW = Kind(
    lambda table: list(table.schema.names),
    lambda table, field: table.column(field).to_pylist(),
    _joined_pyarrow,
)
_TABLES = (
    ("pandas", "DataFrame", Kind(lambda table: list(table.columns), _of_pandas, _joined_pandas)),
    ("polars", "DataFrame", Kind(lambda table: list(table.columns),
                                 lambda table, field: table[field].to_list(), _joined_polars)),
    ("pyarrow", "Table", _PYARROW),
    ("pyarrow", "RecordBatch", _PYARROW),
)  # fmt: skip
