"""Words in context: whether two token vectors are alike where people say that the words are."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from spacy.language import Language

from salience.ops import cosine_pairs
from salience.training.evaluation import accuracy_above, area_under_curve, best_threshold, spearman
from salience.types import Floats

from .tables import Columns, Row, bad_line, number_in, read_rows, table_in, too_few
from .task import Scores
from .token_vectors import TokenVectors, Words, of_each_kind
from .vectors import Vectors

INDEXED: Columns = (("sentence1",), ("sentence2",), ("index1",), ("index2",))
LABELLED: Columns = (*INDEXED, ("label",))
SCORED: Columns = (*INDEXED, ("score",))
CHANGED: Columns = (("context1",), ("spans1",), ("sim1",), ("context2",), ("spans2",), ("sim2",))

_TOKEN = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]")


class Place(NamedTuple):
    """Words of a sentence, by their numbers."""

    sentence: Words
    words: tuple[int, ...]


Pair = tuple[Place, Place]


@dataclass(frozen=True)
class InContext:
    """Pairs of words, each in a sentence, with what people say of them.

    A pair's cosine is that of the two words' token vectors; of several words, of their mean.
    """

    name: str
    pairs: Sequence[Pair]
    gold: Sequence[float]

    @property
    def items(self) -> str:
        """How many pairs there are."""
        return f"{len(self.pairs)} pairs of words"

    def texts(self) -> Iterable[str]:
        """Return nothing: token vectors are needed."""
        return []

    def word_lists(self) -> Iterable[Words]:
        """Return the sentences that the words are in."""
        return [place.sentence for pair in self.pairs for place in pair]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:  # noqa: ARG002
        """Return the figures of each kind of token vectors."""
        return of_each_kind(self._figures, vectors.tokens)

    def _figures(self, vectors: TokenVectors) -> Scores:
        return {"Spearman": spearman(cosines(self.pairs, vectors), self.gold)}


@dataclass(frozen=True)
class Senses(InContext):
    """Pairs of one word in two sentences; gold is 1 where it has one sense in both, else 0.

    train: pairs and their gold, which the threshold of the accuracy is from.
    """

    train: "Senses | None" = None

    def word_lists(self) -> Iterable[Words]:
        """Return the sentences of the pairs, and of those that the threshold is from."""
        return [*super().word_lists(), *(self.train.word_lists() if self.train else [])]

    def _figures(self, vectors: TokenVectors) -> Scores:
        found = cosines(self.pairs, vectors)
        figures = {"AUC": area_under_curve(self.gold, found)}
        if self.train is not None:
            threshold = best_threshold(self.train.gold, cosines(self.train.pairs, vectors))
            figures["accuracy"] = accuracy_above(threshold, self.gold, found)
        return figures


class Changes(InContext):
    """Pairs of two words in one context: two rows of a pair, in one context and in another."""

    def _figures(self, vectors: TokenVectors) -> Scores:
        found = cosines(self.pairs, vectors)
        gold = np.asarray(self.gold)
        of_changes = spearman(found[1::2] - found[::2], gold[1::2] - gold[::2])
        return {"Spearman": spearman(found, gold), "Spearman of changes": of_changes}


def cosines(pairs: Sequence[Pair], vectors: TokenVectors) -> Floats:
    """Return the cosine of the vectors of each pair [P]."""
    first, second = (
        np.stack([vectors(place.sentence)[list(place.words)].mean(axis=0) for place in places])
        for places in zip(*pairs, strict=True)
    )
    return cosine_pairs(first, second)


def read_in_context(name: str, path: Path, dev: Path | None) -> InContext:
    """Read pairs of words in context: with labels, scores, or scores in two contexts.

    With labels there may be two files, of which the first is for the threshold. Sentences
    are words with spaces between them, and indices count them from 0; contexts are texts, and
    spans "first-last first-last" are places of characters. FileError where a file is not so.
    """
    columns = table_in(path).columns
    if "sim1" in columns and dev is None:
        return _read_changes(name, path)
    if "label" in columns:
        read = _read_senses(name, path)
        return read if dev is None else replace(_read_senses(name, dev), train=read)
    rows = read_rows(path, SCORED)
    if dev is not None:
        raise too_few(path, "labels, as there are two files", "no column label")
    gold = [number_in(path, row, 4) for row in rows]
    if len(set(gold)) < 2:
        raise too_few(path, "at least two pairs, with scores that differ", f"{len(gold)} pairs")
    return InContext(name, [_indexed(path, row) for row in rows], gold)


def _read_senses(name: str, path: Path) -> Senses:
    rows = read_rows(path, LABELLED)
    for row in rows:
        if row.fields[4] not in ("0", "1"):
            raise bad_line(path, row.line, "the label 1 or 0", f"{row.fields[4]!r:.40}")
    gold = [float(row.fields[4]) for row in rows]
    if len(set(gold)) < 2:
        raise too_few(path, "pairs of both labels", f"{sum(gold):.0f} of {len(gold)} with 1")
    return Senses(name, [_indexed(path, row) for row in rows], gold)


def _read_changes(name: str, path: Path) -> Changes:
    rows = read_rows(path, CHANGED)
    pairs = [_spanned(path, row, place) for row in rows for place in (0, 3)]
    gold = [number_in(path, row, place) for row in rows for place in (2, 5)]
    if len(set(gold)) < 2 or len(rows) < 2:
        raise too_few(path, "at least two rows, with scores that differ", f"{len(rows)} rows")
    return Changes(name, pairs, gold)


def _indexed(path: Path, row: Row) -> Pair:
    first, second = (
        _at(path, row, tuple(row.fields[place].split()), row.fields[place + 2]) for place in (0, 1)
    )
    return first, second


def _at(path: Path, row: Row, words: Words, index: str) -> Place:
    if not (index.isascii() and index.isdigit() and int(index) < len(words)):
        raise bad_line(path, row.line, f"the number of one of {len(words)} words", f"{index!r:.40}")
    return Place(words, (int(index),))


def _spanned(path: Path, row: Row, place: int) -> Pair:
    text, spans = row.fields[place], row.fields[place + 1].split()
    found = list(_TOKEN.finditer(text))
    words = tuple(match.group() for match in found)
    places: list[Place] = []
    for span in spans:
        first, _, last = span.partition("-")
        if not (first.isdecimal() and last.isdecimal()):  # isdigit has some that int refuses
            break
        within = [i for i, m in enumerate(found) if m.start() < int(last) and m.end() > int(first)]
        if within:
            places.append(Place(words, tuple(within)))
    if len(spans) != 2 or len(places) != 2:
        raise bad_line(
            path, row.line, "two spans of words, as first-last first-last, in characters",
            f"{row.fields[place + 1]!r:.40}",
        )  # fmt: skip
    return places[0], places[1]
