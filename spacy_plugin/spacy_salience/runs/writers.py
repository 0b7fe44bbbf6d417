"""Writing the result file of a chunk: rows come in batches, and only a batch is in memory."""

import base64
import json
import struct
from collections.abc import Iterable, Sequence
from datetime import date, time
from typing import Any, BinaryIO

import numpy as np

from .columns import OF_VECTORS, Values
from .layout import Form, Layout

Lines = Sequence[Values]
"""Rows of a batch, as Layout.line returns them."""


def write_parquet(file: BinaryIO, layout: Layout, batches: Iterable[Lines]) -> None:
    """Write a Parquet file: a row a document, a row group a batch."""
    from pyarrow.parquet import ParquetWriter

    schema = layout.schema()
    with ParquetWriter(file, schema, compression="zstd", use_dictionary=False) as writer:
        for lines in batches:
            if lines:
                writer.write_batch(record_batch(schema, lines))


def write_jsonl(file: BinaryIO, layout: Layout, batches: Iterable[Lines]) -> None:  # noqa: ARG001
    """Write an object a line: numbers in full, so that float32 comes back the same."""
    for lines in batches:
        for line in lines:
            file.write(json.dumps(line, default=plain).encode() + b"\n")


class Npy:
    """Vectors [documents, width] in a .npy file, whose number of rows is written at the end."""

    def __init__(self, file: BinaryIO, width: int) -> None:
        self._file, self._width, self._rows = file, width, 0
        self._header()

    def add(self, vectors: Any) -> None:
        """Write some rows [N, width]."""
        self._file.write(np.ascontiguousarray(vectors, np.float32).tobytes())
        self._rows += len(vectors)

    def close(self) -> None:
        """Write the number of rows."""
        self._file.seek(0)
        self._header()

    def _header(self) -> None:
        """Version 1.0 of the format, of 128 bytes whatever the number of rows."""
        said = (
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({self._rows}, {self._width}), }}"
        )
        self._file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", 118))
        self._file.write(said.encode().ljust(117) + b"\n")


def plain(value: Any) -> Any:
    """Return what JSON has for a value that it does not know."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, (bytes, bytearray)):
        return base64.b64encode(value).decode()
    if isinstance(value, (date, time)):
        return value.isoformat()
    return str(value)


def record_batch(schema: Any, lines: Lines) -> Any:
    """Return pyarrow's RecordBatch of rows; MissingPackageError without pyarrow."""
    import pyarrow as pa

    arrays = [_array(field, [line[field.name] for line in lines]) for field in schema]
    return pa.record_batch(arrays, schema=schema)


def _array(field: Any, values: list[Any]) -> Any:
    import pyarrow as pa

    if field.name not in OF_VECTORS or not values:
        return pa.array(values, type=field.type)
    if not all(isinstance(each, np.ndarray) for each in values):  # a row without a text
        rows = [None if each is None else list(each) for each in values]
        return pa.array(rows, type=field.type)
    if field.name == "vector":
        return pa.FixedSizeListArray.from_arrays(pa.array(np.concatenate(values)), type=field.type)
    offsets = np.cumsum([0, *map(len, values)], dtype=np.int32)
    flat = np.concatenate([each.ravel() for each in values])
    inner = pa.FixedSizeListArray.from_arrays(pa.array(flat), type=field.type.value_type)
    return pa.ListArray.from_arrays(pa.array(offsets), inner, type=field.type)


WRITERS = {Form.parquet: write_parquet, Form.jsonl: write_jsonl}
