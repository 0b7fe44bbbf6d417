"""Probes: what a linear layer reads of words' labels from frozen token vectors."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language

from . import linear
from .conll import Tagged, entities, read_conll
from .tables import too_few
from .task import Scores
from .token_vectors import TokenVectors, Words, of_each_kind
from .vectors import Vectors

PROBE = "probe"
MOST_TRAIN, MOST_DEV = 3_000, 1_000
"""Sentences that are learnt from and judged: the first ones of the files."""

STRENGTH = 0.1
"""C of the logistic layer."""


@dataclass(frozen=True)
class Probe:
    """Accuracy of a linear layer, fitted to the labels of train, on those of dev.

    p(label | v) = softmax(W z + b), z the standardised token vector v

    Where labels are those of entities in BIO, F1 of whole entities comes first.
    """

    name: str
    train: Sequence[Tagged]
    dev: Sequence[Tagged]

    @property
    def items(self) -> str:
        """How many sentences are judged, and how many were learnt from."""
        return f"{len(self.dev)} sentences, trained on {len(self.train)}"

    def texts(self) -> Iterable[str]:
        """Return nothing: token vectors are needed."""
        return []

    def word_lists(self) -> Iterable[Words]:
        """Return what is learnt from and what is judged."""
        return [each.words for each in (*self.train, *self.dev)]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:  # noqa: ARG002
        """Return the figures of each kind of token vectors."""
        with linear.one_thread(PROBE):
            return of_each_kind(self._figures, vectors.tokens)

    def _figures(self, vectors: TokenVectors) -> Scores:
        train, dev = (
            vectors.end_to_end([each.words for each in part]) for part in (self.train, self.dev)
        )
        layer = linear.logistic_layer(PROBE, C=STRENGTH, max_iter=300)
        layer.fit(train, _labels(self.train))
        found, gold = layer.predict(dev), _labels(self.dev)
        figures = {"accuracy": float((found == gold).mean())}
        if _are_entities(gold):
            ends = np.cumsum([len(each.words) for each in self.dev])[:-1]
            return {"F1": f1([tuple(each) for each in np.split(found, ends)], self.dev), **figures}
        return figures


def f1(found: Sequence[Words], gold: Sequence[Tagged]) -> float:
    """Return F1 = 2 right / (found + gold) of whole entities; 0 where there are none."""
    pairs = [(entities(a), entities(b.labels)) for a, b in zip(found, gold, strict=True)]
    right = sum(len(a & b) for a, b in pairs)
    return 2 * right / max(sum(len(a) + len(b) for a, b in pairs), 1)


def _are_entities(labels: Any) -> bool:
    return all(label == "O" or label[:2] in ("B-", "I-") for label in set(labels.tolist()))


def _labels(sentences: Sequence[Tagged]) -> Any:
    return np.array([label for each in sentences for label in each.labels])


def read_probe(name: str, train: Path, dev: Path | None) -> Probe:
    """Read sentences of labelled words, the first ones of each file.

    Raises FileError where a file is not as expected, or has one label alone, and
    MissingPackageError without scikit-learn.
    """
    linear.sklearn(PROBE, "sklearn.linear_model")
    if dev is None:
        raise too_few(train, "a second file, to judge by: probe=TRAIN,DEV", "one file")
    learnt = list(islice(read_conll(train), MOST_TRAIN))
    judged = list(islice(read_conll(dev), MOST_DEV))
    if len(set(_labels(learnt).tolist())) < 2 or not judged:
        raise too_few(train if judged else dev, "sentences with at least two labels", "fewer")
    return Probe(name, learnt, judged)
