"""Texts to learn from, as lists of words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spacy.attrs import NORM, SPACY
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from salience.errors import RangeError
from salience.model.forms import is_blank
from salience.types import starts_of

from ..models.joined import join_letters
from ..texts import Documents, Source, source_of
from ..texts.formats import Format
from ..texts.lines import lines

SHORTEST_FIELD = 20
"""Characters of a field of a table that is a text; labels and names of columns are shorter."""


@dataclass
class TextFiles:
    """How texts to learn from are read from files.

    field: the column of texts (see documents), of the files that have columns;
    strict: refuse rows without a text; skipped: how many there were, the last
    time that all were read.
    """

    field: str | None = None
    strict: bool = False
    skipped: int = 0

    def texts_of(self, paths: Iterable[Path]) -> Iterator[str]:
        """Yield the texts of all files, one after the other, in their order; none is empty.

        A text is a line of a plain file and, where no field is named, a field
        of 20 characters or more of a tab-separated one; of other files what
        `documents` says. Raises FileError, which names the line.
        """
        self.skipped = 0
        for source in map(source_of, paths):
            if source.format is Format.txt or (source.format is Format.tsv and not self.field):
                yield from filter(str.strip, _long_fields(source))
            else:
                found = Documents(source, self.field, self.strict)
                yield from found
                self.skipped += found.skipped


def check_files(paths: Iterable[Path]) -> None:
    """Refuse what cannot be read twice, or is of no kind that can be read."""
    for source in map(source_of, paths):
        if source.path is None:
            raise RangeError(
                "expected files of texts, which are read more than once, got standard input; "
                "write it to a file"
            )


def words_of(
    tokenizer: Tokenizer, texts: Iterable[str], *, joined: bool = False
) -> Iterator[list[str]]:
    """Yield each text's words, by their NORM; white space is none.

    joined: whether letters that a tokenizer of characters gives are put together to words.
    """
    for text in texts:
        doc = tokenizer(text)
        found = joined_norms_of(doc) if joined else norms_of(doc)
        yield [word for word in found if not is_blank(word)]


def norms_of(doc: Doc) -> list[str]:
    """Return the NORM of each token."""
    strings = doc.vocab.strings
    return [strings[norm] for norm in doc.to_array([NORM]).tolist()] if len(doc) else []


def joined_norms_of(doc: Doc) -> list[str]:
    """Return the NORM of each token, of letters and digits in a row the word that they spell."""
    if not len(doc):
        return []
    norms, spaces = np.ascontiguousarray(doc.to_array([NORM, SPACY]).T)
    words = join_letters(norms, spaces, starts_of([len(doc)]))
    keys, found = norms.tolist(), []
    for key, before in zip(keys, [None, *keys], strict=False):
        if key not in words:
            found.append(doc.vocab.strings[key])
        elif key != before:
            found.append(words[key])
    return found


def _long_fields(source: Source) -> Iterator[str]:
    for line in lines(source):
        row = line.split("\t")
        yield from row if len(row) == 1 else (f for f in row if len(f) >= SHORTEST_FIELD)
