"""Labelled sentences in files of one word a line: CoNLL-U, and CoNLL with tabs or spaces."""

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..texts import Source, source_of
from ..texts.formats import Format
from ..texts.lines import lines
from .token_vectors import Words


class Tagged(NamedTuple):
    """A sentence's words with a label each."""

    words: Words
    labels: tuple[str, ...]


def read_conll(path: Path) -> Iterator[Tagged]:
    """Yield the sentences of a file, which an empty line divides.

    Of CoNLL-U, whose lines have ten columns, the words are FORM and the labels UPOS; comments,
    ranges (1-2) and empty nodes (1.1) are left out. Of other files the first column has
    the words and the last one the labels. FileError names the line where one has too few.
    """
    source = source_of(path, format=Format.txt.value)
    rows = enumerate(lines(source), start=1)
    for is_row, group in groupby(rows, key=lambda row: bool(row[1].strip())):
        if is_row:
            pairs = [pair for number, line in group if (pair := _pair(source, number, line))]
            if pairs:
                words, labels = zip(*pairs, strict=True)
                yield Tagged(words, labels)


def _pair(source: Source, number: int, line: str) -> tuple[str, str] | None:
    columns = line.split("\t") if "\t" in line else line.split()
    if len(columns) == 10:
        return (columns[1], columns[3]) if columns[0].isdigit() else None
    if line.startswith(("# ", "-DOCSTART-")):
        return None
    if len(columns) < 2 or not columns[0].strip() or not columns[-1].strip():
        raise source.bad(number, "a word and its label, with a tab between", f"{line!r:.40}")
    return columns[0], columns[-1]


def entities(labels: Words) -> set[tuple[int, int, str]]:
    """Return the entities of BIO labels as (first, one past the last, kind).

    An I that follows no label of its kind begins an entity, as in the evaluation of
    CoNLL-2000 and CoNLL-2003.
    """
    found: set[tuple[int, int, str]] = set()
    first, kind = 0, ""
    for place, label in enumerate((*labels, "O")):
        prefix, _, own = label.partition("-")
        if kind and (prefix != "I" or own != kind):
            found.add((first, place, kind))
            kind = ""
        if not kind and own:
            first, kind = place, own
    return found
