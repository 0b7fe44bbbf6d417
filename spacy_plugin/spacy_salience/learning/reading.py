"""Texts to learn from, as lists of words."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from spacy.attrs import NORM
from spacy.tokenizer import Tokenizer

from salience.forms import is_blank

from ..texts import documents, fields, is_jsonl

SHORTEST_FIELD = 20
"""Characters of a field of a table that is a text; labels and names of columns are shorter."""


def texts_of(paths: Iterable[Path]) -> Iterator[str]:
    """Yield the texts of all files, one after the other, in their order; none is empty.

    A text is a line of a plain file, a field of 20 characters or more of a
    tab-separated one, a "text" of a .jsonl; any of them may be gzipped.
    Raises FileError, which names the line.
    """
    for path in paths:
        yield from filter(str.strip, _texts(path))


def words_of(tokenizer: Tokenizer, texts: Iterable[str]) -> Iterator[list[str]]:
    """Yield each text's words, by their NORM; white space is none."""
    strings = tokenizer.vocab.strings
    for text in texts:
        doc = tokenizer(text)
        words = [strings[norm] for norm in doc.to_array([NORM]).tolist()] if len(doc) else []
        yield [word for word in words if not is_blank(word)]


def _texts(path: Path) -> Iterator[str]:
    if is_jsonl(path):
        yield from documents(path)
        return
    for row in fields(path):
        yield from row if len(row) == 1 else (f for f in row if len(f) >= SHORTEST_FIELD)
