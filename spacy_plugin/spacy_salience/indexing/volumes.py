"""A volume: documents that were added together, in a folder of files that never change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from salience.errors import RangeError, WeightsError
from salience.types import Floats, Ints

from ..runs.kept import Kept, arrow_type, value_as
from ..runs.rows import ID, Row
from .passages import Passage
from .stored import MAKE_ANEW, Stored, check, check_size, read_array, read_table, write_array
from .stored import write_table as write_arrow

VECTORS_FILE, PASSAGES_FILE = "vectors.npy", "passages.arrow"

OF_HITS = (ID, "start", "end", "text", "sentences")
OWN = (*OF_HITS, "digest", "words")
"""Columns of passages that are no column of the input; those of OF_HITS are shown."""


@dataclass(frozen=True)
class Volume:
    """What the listing says of a volume; `removed` are rows of passages that are no longer there.

    columns: the input's columns, with the names that they have in the table.
    """

    folder: Path
    rows: int
    width: int
    files: Sequence[Stored]
    columns: Mapping[str, str]
    removed: Ints

    @cached_property
    def vectors(self) -> Floats:
        """The vectors of passages [rows, width], of length 1 or 0, memory-mapped."""
        found: Floats = read_array(self._checked(VECTORS_FILE))
        if found.dtype != np.float32 or found.shape != (self.rows, self.width):
            raise WeightsError(
                f"{self.folder / VECTORS_FILE}: expected float32 [{self.rows}, {self.width}], got "
                f"{found.dtype} {list(found.shape)}; {MAKE_ANEW}"
            )
        return found

    @cached_property
    def table(self) -> Any:
        """The table of passages, memory-mapped: the columns of OWN, and those of the input."""
        found = read_table(self._checked(PASSAGES_FILE))
        missing = {*OWN, *self.columns.values()} - set(found.column_names)
        if missing or found.num_rows != self.rows:
            raise WeightsError(
                f"{self.folder / PASSAGES_FILE}: expected {self.rows} passages with the columns "
                f"{', '.join(OWN)}, got others; {MAKE_ANEW}"
            )
        return found

    @property
    def alive(self) -> Any:
        """Whether each passage is still there, bool [rows]."""
        found = np.ones(self.rows, dtype=bool)
        found[self.removed] = False
        return found

    def check_sizes(self) -> None:
        """Raise WeightsError where a file is missing or was cut."""
        for each in self.files:
            check_size(self.folder, each)

    def documents(self) -> dict[str, str]:
        """Return the digests of the documents that are still there, by their ids."""
        ids, digests = (self.table[name].to_pylist() for name in (ID, "digest"))
        return {ids[row]: digests[row] for row in np.flatnonzero(self.alive).tolist()}

    def rows_of(self, ids: set[str]) -> Ints:
        """Return the rows of all passages of these documents."""
        found = [row for row, each in enumerate(self.table[ID].to_pylist()) if each in ids]
        return np.array(found, dtype=np.int64)

    def where(self, wanted: Mapping[str, Any]) -> Any:
        """Return which passages have these values in the input's columns, bool [rows].

        Raises RangeError where a value cannot be one of its column.
        """
        found = np.ones(self.rows, dtype=bool)
        for name, value in wanted.items():
            found &= self._equal(name, value) if name in self.columns else False
        return found

    def words(self) -> tuple[list[str], Ints, Ints]:
        """Return the words of passages: a vocabulary, places in it, and the passages' starts."""
        column = self.table["words"].combine_chunks()
        inner = column.values
        return (
            inner.dictionary.to_pylist(), inner.indices.to_numpy(), column.offsets.to_numpy(),
        )  # fmt: skip

    def _equal(self, name: str, value: Any) -> Any:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self.table[self.columns[name]]
        try:
            wanted = pa.scalar(value).cast(column.type)
        except (pa.ArrowException, TypeError) as error:
            raise RangeError(
                f"search: expected a value of the type {column.type} for the column {name!r:.60}, "
                f"got {value!r:.60}"
            ) from error
        return pc.fill_null(pc.equal(column, wanted), False).to_numpy()

    def _checked(self, name: str) -> Path:
        for each in self.files:
            if each.name == name:
                check(self.folder, each)
                return self.folder / name
        raise WeightsError(f"{self.folder}: expected a listing with {name}, got none; {MAKE_ANEW}")


def write_volume(
    folder: Path, rows: Sequence[tuple[Row, str, Sequence[Passage]]], vectors: Floats,
    kept: Sequence[Kept],
) -> None:  # fmt: skip
    """Write the files of a volume: of each document its row, digest and passages."""
    write_array(folder / VECTORS_FILE, vectors)
    write_arrow(folder / PASSAGES_FILE, _table(rows, kept))


def _table(rows: Sequence[tuple[Row, str, Sequence[Passage]]], kept: Sequence[Kept]) -> Any:
    import pyarrow as pa

    flat = [(row, digest, each) for row, digest, some in rows for each in some]
    columns = {
        ID: pa.array([row.id for row, _, _ in flat], pa.string()),
        "digest": pa.array([digest for _, digest, _ in flat], pa.string()),
        "start": pa.array([each.start for *_, each in flat], pa.int32()),
        "end": pa.array([each.end for *_, each in flat], pa.int32()),
        "text": pa.array([row.text[each.start : each.end] for row, _, each in flat], pa.string()),
        "sentences": pa.array([each.sentences for *_, each in flat], pa.list_(pa.int32())),
        "words": _words([each.words for *_, each in flat]),
    }  # fmt: skip
    for each in kept:
        values = [value_as(each.type, row.values.get(each.name)) for row, _, _ in flat]
        columns[each.named] = pa.array(values, arrow_type(each.type))
    return pa.table(columns)


def _words(passages: Sequence[Sequence[str]]) -> Any:
    """The words of passages as places in a vocabulary, whose entries are each stored once."""
    import pyarrow as pa

    known: dict[str, int] = {}
    places = [known.setdefault(word, len(known)) for words in passages for word in words]
    starts = list(accumulate(map(len, passages), initial=0))
    words = pa.DictionaryArray.from_arrays(
        pa.array(places, pa.int32()), pa.array(list(known), pa.string())
    )
    return pa.ListArray.from_arrays(pa.array(starts, pa.int32()), words)
