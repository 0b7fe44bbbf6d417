"""Reading texts from files, one document after another."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from .formats import Format
from .plain import paragraphs
from .records import Record, Table
from .sources import Source, source_of
from .tables import check_columns, column_of, open_table, value_in


class Documents(Iterator[str]):
    """The texts of a source, one after another; none is empty.

    skipped: how many of the rows read so far had no text.
    """

    def __init__(self, source: Source, field: str | None = None, strict: bool = False) -> None:
        self.source, self.strict, self.skipped = source, strict, 0
        if source.format is Format.txt:
            check_columns(source, field)
            self._texts = paragraphs(source)
        else:
            self._texts = self._of_table(field)

    def __next__(self) -> str:
        """Return the next text; FileError, which names the line, where one cannot be read."""
        return next(self._texts)

    def _of_table(self, field: str | None) -> Iterator[str]:
        table = text_table(self.source, field)
        for record, text in table.rows():
            if text is None:
                self._skip(record, table.column)
            else:
                yield text

    def _skip(self, record: Record, column: str) -> None:
        if self.strict:
            raise self.source.bad(record.number, f"something in {column!r:.60}", "nothing")
        self.skipped += 1


class TextTable(NamedTuple):
    """A file with columns, one of which holds its texts."""

    source: Source
    column: str
    table: Table

    def rows(self, others: bool = False) -> Iterator[tuple[Record, str | None]]:
        """Yield each record with its text, None where it has none; with all columns if others.

        It can be called once. Raises FileError, which names the line, where one cannot be read.
        """
        known: set[str] = set()
        names = [self.column]
        if others:
            names += [name for name in self.table.columns if name != self.column]
        for record in self.table.rows(names):
            values = record.values
            known = known or set(values)
            if self.column not in values and values and known.isdisjoint(values):
                wanted = f'a JSON object with a "{self.column:.60}"'
                raise self.source.bad(record.number, wanted, "one that has nothing of the others")
            yield record, value_in(self.source, record, self.column)


def text_table(source: Source, field: str | None = None) -> TextTable:
    """Return a file with columns and the one of its texts, as for `documents`."""
    table = open_table(source)
    return TextTable(source, column_of(source, table, field), table)


def documents(
    path: str | Path,
    *,
    field: str | None = None,
    strict: bool = False,
    format: str | None = None,  # noqa: A002
) -> Documents:
    """Return the texts of a file as an iterator, which counts the rows that it skips.

    A file's name says how it is read: .jsonl (.ndjson, .jsonlines) has an object
    or a string in each line, .json is a list of them, .csv and .tsv begin with a line
    of column names, .parquet needs the extra `tables`; all other names are plain
    text, with blank lines between documents. Each may be gzipped (.gz). Text is UTF-8,
    or UTF-16 with a byte order mark. Files are read while the iterator is.

    Args:
        path: a file, or - for standard input, which is plain text where format
            is None.
        field: the column of texts; where None, `text`, or else the only column
            that has texts.
        strict: raise FileError at rows without a text, which are skipped otherwise.
        format: txt, jsonl, json, csv, tsv or parquet, instead of what the name says.

    Raises:
        FileError: the name is of a format that is not read, or (while it is read)
            the file is not as expected; it names the line and says what to do.
        RangeError: there is no such format.
        MissingPackageError: a .parquet without pyarrow.
    """
    return Documents(source_of(path, format), field, strict)
