"""Classification: what a logistic layer reads off frozen document vectors."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from spacy.language import Language

from . import linear
from .tables import Columns, bad_line, read_rows, too_few
from .task import Scores
from .vectors import Vectors

TEXTS: Columns = (("text", "sentence"), ("label", "coarse"))

CLASSIFY = "classify"
FOLDS = 5
SEED = 0
STRENGTHS = (0.0001, 0.001, 0.01, 0.1, 1.0)
"""C of the logistic layer, chosen by cross-validation on what it learns from."""

MOST_TEXTS = 20_000
"""Texts that the layer learns from; of more, as many drawn with the fixed seed."""


@dataclass(frozen=True)
class Labelled:
    """Texts with a label each."""

    texts: Sequence[str]
    labels: Sequence[str]


@dataclass(frozen=True)
class Classification:
    """Accuracy on the test texts; by cross-validation on train where there are none."""

    name: str
    train: Labelled
    test: Labelled | None
    given: int

    @property
    def items(self) -> str:
        """How many texts are judged, and how many were learnt from."""
        used = len(self.train.texts)
        drawn = f", drawn from {self.given}" if used < self.given else ""
        if self.test is None:
            return f"{used} texts in {FOLDS} folds{drawn}"
        return f"{len(self.test.texts)} texts, trained on {used}{drawn}"

    def texts(self) -> Iterable[str]:
        """Return what is learnt from and what is judged."""
        return [*self.train.texts, *(self.test.texts if self.test else [])]

    def scores(self, vectors: Vectors, nlp: Language | None = None) -> Scores:  # noqa: ARG002
        """Return the accuracy."""
        with linear.one_thread(CLASSIFY):
            return {"accuracy": self._accuracy(vectors)}

    def _accuracy(self, vectors: Vectors) -> float:
        x, y = vectors(self.train.texts), np.array(self.train.labels)
        if self.test is None:
            validate = linear.sklearn(CLASSIFY, "sklearn.model_selection").cross_val_score
            return float(validate(logistic_layer(), x, y, cv=folds()).mean())
        layer = logistic_layer().fit(x, y)
        return float(layer.score(vectors(self.test.texts), np.array(self.test.labels)))


def logistic_layer() -> Any:
    """Return linear.logistic_layer with the C of STRENGTHS that is best.

    It has the best accuracy in cross-validation on the texts it is fitted to.
    """
    layer = linear.logistic_layer(CLASSIFY, max_iter=1000)
    grid = {"logisticregression__C": list(STRENGTHS)}
    return linear.sklearn(CLASSIFY, "sklearn.model_selection").GridSearchCV(layer, grid, cv=folds())


def folds() -> Any:
    """Return the parts that texts are divided into, with the same shares of labels in each."""
    return linear.sklearn(CLASSIFY, "sklearn.model_selection").StratifiedKFold(
        FOLDS, shuffle=True, random_state=SEED
    )


def read_classification(name: str, train: Path, test: Path | None) -> Classification:
    """Read texts with labels.

    Raises FileError where a file is not as expected, a label has too few texts,
    or one of test is not in train, and MissingPackageError without scikit-learn.
    """
    linear.sklearn(CLASSIFY, "sklearn.linear_model")
    rows = read_rows(train, TEXTS)
    chosen = np.sort(np.random.default_rng(SEED).permutation(len(rows))[:MOST_TEXTS])
    learnt = Labelled([rows[i].fields[0] for i in chosen], [rows[i].fields[1] for i in chosen])
    check_labels(train, learnt.labels, least=FOLDS if test else 2 * FOLDS)
    if test is None:
        return Classification(name, learnt, None, len(rows))
    judged = read_rows(test, TEXTS)
    if not judged:
        raise too_few(test, "at least one text", "none")
    known = set(learnt.labels)
    for line, (_, label) in judged:
        if label not in known:
            raise bad_line(test, line, f"a label of {train.name}", f"{label!r:.40}")
    texts, labels = [row.fields[0] for row in judged], [row.fields[1] for row in judged]
    return Classification(name, learnt, Labelled(texts, labels), len(rows))


def check_labels(path: Path, labels: Iterable[str], least: int) -> None:
    """Raise FileError where there are fewer than two labels, or too few texts of one."""
    counts = Counter(labels)
    if len(counts) < 2:
        raise too_few(path, "at least two labels", f"{len(counts)}")
    label, fewest = min(counts.items(), key=lambda pair: pair[1])
    if fewest < least:
        raise too_few(path, f"at least {least} texts of each label", f"{fewest} of {label!r:.40}")
