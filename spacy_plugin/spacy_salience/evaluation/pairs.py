"""Pairs of texts: how well the cosine agrees with people."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacy.language import Language

from salience.ops import cosine_pairs
from salience.training.evaluation import average_precision, spearman
from salience.types import Floats

from .tables import Columns, bad_line, number_in, read_rows, too_few
from .task import Scores
from .vectors import Vectors

FIRST = ("sentence1", "premise", "question")
SECOND = ("sentence2", "hypothesis", "sentence")

SCORES = ("score", "relatedness")

SENTENCES: Columns = (("sentence1",), ("sentence2",), (*SCORES, "label"))
WORDS: Columns = (("word1",), ("word2",), ("score",))
LABELLED: Columns = (FIRST, SECOND, ("label",))

POSITIVE = ("1", "entailment", "answer")
NEGATIVE = ("0", "not_entailment", "not_answer", "neutral", "contradiction")


@dataclass(frozen=True)
class Similarity:
    """Sentence or word similarity: Spearman's correlation of the cosine with scores."""

    name: str
    first: Sequence[str]
    second: Sequence[str]
    gold: Sequence[float]

    @property
    def items(self) -> str:
        """How many pairs there are."""
        return f"{len(self.gold)} pairs"

    def texts(self) -> Iterable[str]:
        """Return both sides of the pairs."""
        return [*self.first, *self.second]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:  # noqa: ARG002
        """Return the one figure."""
        return {"Spearman": spearman(self._cosines(vectors), self.gold)}

    def _cosines(self, vectors: Vectors) -> Floats:
        return cosine_pairs(vectors(self.first), vectors(self.second))


class Pairs(Similarity):
    """Pair classification: the average precision of the cosine, gold is 1 or 0."""

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:  # noqa: ARG002
        """Return the one figure."""
        return {"average precision": average_precision(self.gold, self._cosines(vectors))}


def read_sentences(name: str, path: Path) -> Similarity:
    """Read sentence pairs with a score; FileError where the file is not as expected."""
    return _read_scored(name, path, SENTENCES)


def read_words(name: str, path: Path) -> Similarity:
    """Read word pairs with a score; FileError where the file is not as expected."""
    return _read_scored(name, path, WORDS)


def read_labelled(name: str, path: Path) -> Pairs:
    """Read pairs with a label, of POSITIVE or NEGATIVE; FileError where it is another."""
    rows = read_rows(path, LABELLED)
    first, second, labels = _columns([row.fields for row in rows])
    gold = [float(is_positive(path, row.line, label))
            for row, label in zip(rows, labels, strict=True)]  # fmt: skip
    if len(set(gold)) < 2:
        raise too_few(path, "pairs with positive and with negative labels",
                      f"{sum(gold):.0f} of {len(gold)} positive")  # fmt: skip
    return Pairs(name, first, second, gold)


def is_positive(path: Path, line: int, label: str) -> bool:
    """Say whether a label is a positive one; FileError where it is not known."""
    if label not in (*POSITIVE, *NEGATIVE):
        known = f"a label that is positive ({', '.join(POSITIVE)}) or negative"
        raise bad_line(path, line, f"{known} ({', '.join(NEGATIVE)})", f"{label!r:.40}")
    return label in POSITIVE


def _read_scored(name: str, path: Path, columns: Columns) -> Similarity:
    rows = read_rows(path, columns)
    first, second, _ = _columns([row.fields for row in rows])
    gold = [number_in(path, row, 2) for row in rows]
    if len(set(gold)) < 2:
        raise too_few(path, "at least two pairs, with scores that differ", f"{len(gold)} pairs")
    return Similarity(name, first, second, gold)


def _columns(rows: Sequence[Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]
