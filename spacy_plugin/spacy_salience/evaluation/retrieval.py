"""Retrieval: which sentence answers the question."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spacy.language import Language

from salience.training.evaluation import recall_at_k, reciprocal_rank
from salience.types import Floats, Ints

from .pairs import is_positive
from .ranking import ranked
from .tables import Columns, read_rows, table_in, too_few
from .task import Scores
from .vectors import Vectors

PAIRS: Columns = (("question",), ("sentence",))
LABELLED: Columns = (*PAIRS, ("label",))


@dataclass(frozen=True)
class Retrieval:
    """Questions, each with its sentences among all distinct ones of the file.

    A question's rank is the place of its first right sentence: 1 + the number
    of other sentences that score at least as much as the best right one.
    """

    name: str
    answers: Mapping[str, Ints]
    sentences: Sequence[str]
    k: int

    @property
    def items(self) -> str:
        """How many questions and candidates there are."""
        return f"{len(self.answers)} questions, {len(self.sentences)} sentences"

    def texts(self) -> Iterable[str]:
        """Return questions and sentences."""
        return [*self.answers, *self.sentences]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:
        """Return recall at k and the mean reciprocal rank; with a pipeline, of words and both."""
        ranks: dict[str, list[int]] = {}
        for question, found in ranked(list(self.answers), self.sentences, vectors, nlp):
            for by, scores in found.items():
                ranks.setdefault(by, []).append(rank_of(scores, self.answers[question]))
        return {
            figure: value
            for by, places in ranks.items()
            for figure, value in (
                (f"recall@{self.k}{by}", recall_at_k(places, self.k)),
                (f"mean reciprocal rank{by}", reciprocal_rank(places)),
            )
        }


def rank_of(scores: Floats, right: Ints) -> int:
    """Return the place of the first right one, from 1; equals come before it."""
    ahead = scores >= scores[right].max()
    return 1 + int(ahead.sum() - ahead[right].sum())


def read_retrieval(name: str, path: Path, k: int) -> Retrieval:
    """Read questions and sentences; with a label, only positive pairs belong together.

    Raises FileError where the file is not as expected.
    """
    table = table_in(path)
    columns = LABELLED if "label" in table.columns else PAIRS
    places: dict[str, int] = {}
    answers: dict[str, list[int]] = {}
    for line, (question, sentence, *label) in read_rows(path, columns, table):
        place = places.setdefault(sentence, len(places))
        if not label or is_positive(path, line, label[0]):
            answers.setdefault(question, []).append(place)
    if not answers or len(places) < 2:
        raise too_few(
            path,
            "at least a question with its sentence, and one more sentence",
            f"{len(answers)} questions and {len(places)} sentences",
        )
    found = {question: np.unique(right) for question, right in answers.items()}
    return Retrieval(name, found, list(places), k)
