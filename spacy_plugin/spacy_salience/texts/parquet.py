"""Parquet files, by pyarrow: the wanted columns, in batches of rows."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

from ..packages import optional
from .errors import FileError
from .records import Record, Table
from .sources import Source

ROWS_AT_ONCE = 1024
"""Rows of a batch. pyarrow itself may have more of the file in memory."""


def parquet_table(source: Source) -> Table:
    """Return the table of a parquet file.

    Raises MissingPackageError without pyarrow, and FileError where the file cannot be read.
    """
    with _told(source):
        file = _pyarrow("pyarrow.parquet").ParquetFile(_seekable(source))
    schema = file.schema_arrow
    of_text = [field.name for field in schema if _is_text(field.type)]
    return Table(list(schema.names), of_text, lambda names: _records(source, file, names))


def schema_of(source: Source) -> Any:
    """Return the pyarrow schema of a parquet file; raises what parquet_table raises."""
    with _told(source):
        return _pyarrow("pyarrow.parquet").read_schema(_seekable(source))


def _records(source: Source, file: Any, names: Sequence[str]) -> Iterator[Record]:
    number = 0
    with _told(source):
        for batch in file.iter_batches(ROWS_AT_ONCE, columns=list(names)):
            columns = dict(zip(batch.schema.names, batch.columns, strict=True))
            for row in range(batch.num_rows):
                number += 1
                try:
                    values = {name: column[row].as_py() for name, column in columns.items()}
                except UnicodeDecodeError as error:
                    raise source.bad(number, "valid Unicode", "other bytes") from error
                yield Record(number, values)


def _is_text(kind: Any) -> bool:
    """Whether a column's type is of strings, or of strings in a dictionary."""
    types = _pyarrow("pyarrow.types")
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return bool(types.is_string(kind) or types.is_large_string(kind))


def _seekable(source: Source) -> BinaryIO:
    """The file; or a temporary copy of a gzipped file or standard input, which cannot seek."""
    if source.path is not None and not source.zipped:
        return source.path.open("rb")
    copy = cast(BinaryIO, TemporaryFile())  # noqa: SIM115  (the caller reads it later)
    with source.open() as packed:
        copyfileobj(packed, copy)
    copy.seek(0)
    return copy


@contextmanager
def _told(source: Source) -> Iterator[None]:
    try:
        yield
    except (OSError, _pyarrow("pyarrow").ArrowException) as error:
        raise FileError(
            f"{source.name}: expected a parquet file, could not read it: {error!s:.200}"
        ) from error


def _pyarrow(module: str) -> Any:
    return optional(module, "a .parquet file", "pip install 'salience[tables]'")
