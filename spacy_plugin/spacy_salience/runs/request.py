"""What a run is asked for, checked before anything is read."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from salience.errors import RangeError

from ..packages import optional
from .chunks import DOCUMENTS
from .columns import checked
from .inputs import Input, inputs_of
from .layout import Form
from .loading import Named
from .rows import Reading


@dataclass(frozen=True)
class Request:
    """Inputs, how they are read, the pipeline, and what of its documents is written how."""

    inputs: list[Input]
    reading: Reading
    named: Named
    columns: tuple[str, ...]
    form: Form
    chunk_size: int

    def said(self) -> dict[str, Any]:
        """Return what a manifest says of it, beside inputs and pipeline."""
        return {
            "reading": self.reading._asdict(),
            "columns": list(self.columns),
            "form": self.form.value,
            "chunk_size": self.chunk_size,
        }


def requested(
    inputs: Sequence[str | Path], out: Path, columns: str | Iterable[str], form: str,
    named: Mapping[str, str | None], reading: Reading, format: str | None,  # noqa: A002
    chunk_size: int = DOCUMENTS,
) -> Request:  # fmt: skip
    """Return the request that these options say; `named` are Named's.

    Raises FileError, RangeError and MissingPackageError, as `run` does.
    """
    taken, form_ = checked(columns), _form(form)
    if form_ is Form.npy and "vector" not in taken:
        raise RangeError(
            f"form: expected parquet or jsonl for the columns {', '.join(taken)}, got npy, which "
            "holds document vectors; add the column vector, or name another --form"
        )
    if chunk_size < 1:
        raise RangeError(f"chunk size: expected at least 1 document, got {chunk_size}")
    if form_ is Form.parquet:
        optional(
            "pyarrow", "a .parquet file", "pip install 'salience[tables]', or add --form jsonl"
        )
    pipeline = Named(**named, sentences="sentence_vectors" in taken)
    return Request(inputs_of(inputs, out, format), reading, pipeline, taken, form_, chunk_size)


def _form(name: str) -> Form:
    try:
        return Form(name)
    except ValueError as error:
        known = ", ".join(each.value for each in Form)
        raise RangeError(f"form: expected one of {known}, got {name!r:.60}") from error
