"""How good word vectors are: agreement with people on similarity, and analogies."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np

from ..errors import RangeError
from ..ops import cosine_pairs
from ..training.evaluation import spearman
from .look_up import Method, analogies
from .word_vectors import WordVectors

WordPair: TypeAlias = tuple[str, str, float]
"""Two words and people's score of their similarity."""

Analogy: TypeAlias = tuple[str, str, str, str]
"""a is to b as c is to d."""


class Similarity(NamedTuple):
    """Spearman's correlation of cosines with scores over the pairs that have vectors."""

    correlation: float
    used: int
    pairs: int


class Section(NamedTuple):
    """A section of analogies: how many were asked, as all words have vectors, and right."""

    name: str
    right: int
    used: int
    questions: int

    @property
    def accuracy(self) -> float:
        """The share of right answers among those that were asked; NaN where there are none."""
        return self.right / self.used if self.used else float("nan")


def word_similarity(vectors: WordVectors, pairs: Sequence[WordPair]) -> Similarity:
    """Compare the cosines of pairs of words with people's scores.

    A word is looked up as it is written, then in lower case; pairs without two vectors are
    left out. Raises RangeError where fewer than two pairs, or no scores that differ, are left.
    """
    found = [(_form(vectors, a), _form(vectors, b), score) for a, b, score in pairs]
    kept = [(a, b, score) for a, b, score in found if a is not None and b is not None]
    scores = [score for _, _, score in kept]
    if len(set(scores)) < 2:
        raise RangeError(
            f"word_similarity: expected at least two pairs of words that have vectors, with "
            f"scores that differ, got {len(kept)} of {len(pairs)} pairs; use other vectors or pairs"
        )
    a, b = (vectors.vectors(side) for side in ([p[0] for p in kept], [p[1] for p in kept]))
    return Similarity(spearman(cosine_pairs(a, b), scores), len(kept), len(pairs))


def analogy_accuracy(
    vectors: WordVectors, sections: Mapping[str, Sequence[Analogy]], *, method: Method = "add"
) -> list[Section]:
    """Return for each section of analogies how many are answered right.

    Words are looked up as for `word_similarity`; d must be a known word, as answers are.
    """
    counted = []
    for name, questions in sections.items():
        forms = [[_form(vectors, word) for word in question] for question in questions]
        asked = [
            (a, b, c, d) for a, b, c, d in forms
            if a and b and c and d and vectors.index(d) is not None
        ]  # fmt: skip
        answers = analogies(vectors, [question[:3] for question in asked], method=method)
        right = sum(
            bool(answer) and answer[0].word == question[3]
            for answer, question in zip(answers, asked, strict=True)
        )
        counted.append(Section(name, right, len(asked), len(questions)))
    return counted


def total(sections: Sequence[Section]) -> Section:
    """Return the sum of sections."""
    sums = (
        np.array([section[1:] for section in sections], dtype=np.int64).reshape(-1, 3).sum(axis=0)
    )
    return Section("total", *sums.tolist())


def _form(vectors: WordVectors, word: str) -> str | None:
    """A word as it has a vector; None where it has none. Known words come before n-grams."""
    for form in (word, word.lower()):
        if vectors.index(form) is not None:
            return form
    return word if word in vectors else None
