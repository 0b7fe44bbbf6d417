"""Teach a student the teacher's vectors of sentences, and of tokens if there are any."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..errors import RangeError, ShapeError
from ..types import Encoded, Floats, Ints
from . import objectives
from .bags import Bags
from .corpus import Corpus, batches
from .learner import Learner
from .lessons import TEXTS_AT_ONCE
from .objectives import Objective, backprop_directions, directions
from .student import Gradients, Student
from .taught import Taught, evenly

FITTED = 16_384
"""Sentences that readouts are fitted to."""


@dataclass(frozen=True)
class Lessons:
    """A corpus and the teacher's vectors of it.

    sentences: a vector each [B, K]. tokens: a vector each [N, K'], or those of the first
    sentences only, or None. Both may be files that are mapped into memory.
    """

    corpus: Corpus
    sentences: NDArray[Any]
    tokens: NDArray[Any] | None = None

    def __post_init__(self) -> None:
        """Raise ShapeError or RangeError where the teacher's matrices do not fit the corpus."""
        _check("vectors of sentences", self.sentences, np.array([len(self.corpus)]))
        if self.tokens is not None:
            starts = self.corpus.starts
            ends = np.append(starts[starts > 0], starts[-1])
            _check("vectors of tokens", self.tokens, ends)


def _check(name: str, matrix: NDArray[Any], ends: Ints) -> None:
    """Raise as Lessons; ends: the numbers of rows that will do, of which the last is all."""
    if matrix.ndim != 2 or len(matrix) not in ends:
        raise ShapeError(
            f"distil: expected the teacher's {name} to have the shape [{ends[-1]}, width], one row "
            f"for each of the texts', got {list(matrix.shape)}; make them of the same texts in the "
            "same order"
        )
    for first in range(0, len(matrix), TEXTS_AT_ONCE):
        part = np.asarray(matrix[first : first + TEXTS_AT_ONCE], dtype=np.float32)
        checks.finite("distil", f"the teacher's {name}", part)


class Distillation:
    """Steps of distillation, by number: batch and order depend on the seed alone."""

    def __init__(
        self, lessons: Lessons, student: Student, objective: Objective, *,
        batch: int, longest: int, seed: int,
    ) -> None:  # fmt: skip
        """Prepare; RangeError where there are no lessons or a number is out of range."""
        self.lessons, self.student, self.objective = lessons, student, objective
        self._taught = {"sentences": Taught(lessons.sentences)}
        if lessons.tokens is not None:
            self._taught["tokens"] = Taught(lessons.tokens, scaled=True)
        self._batch = checks.at_least("distil", "the batch", batch, 2)
        self._longest, self._seed = checks.at_least("distil", "longest", longest, 1), seed
        self._bags = Bags(student.vocabulary, lessons.corpus.words)
        self._lengths = np.minimum(np.diff(lessons.corpus.starts), longest)
        if np.count_nonzero(self._lengths) < 2:
            raise RangeError("distil: expected at least two texts with words; give more texts")
        self._epoch, self._order = 0, self._batches(0)

    @property
    def steps_of_an_epoch(self) -> int:
        """How many batches there are in an epoch."""
        return len(self._order)

    def readouts(self) -> Gradients:
        """Return a random R [K, D] for each kind of the teacher's vectors."""
        rng, settings = np.random.default_rng([self._seed, 2**32]), self.student.layers.settings
        widths = {"sentences": settings.document_width or settings.width, "tokens": settings.width}
        return {
            name: rng.normal(0, widths[name] ** -0.5, (taught.width, widths[name])).astype("f4")
            for name, taught in self._taught.items()
        }

    def fitted_readouts(self) -> Gradients:
        """Return R [K, D] that fit a trained student: min over R of sum_b |R d_b - t_b|^2.

        d_b are the directions of its vectors and t_b those of the teacher's, for at
        most FITTED sentences, evenly from all; likewise for tokens.
        """
        found = self.readouts()
        numbers = evenly(len(self._lengths), FITTED)
        batch, words = self._bags.look_up(self.lessons.corpus, numbers, self._longest)
        encoded, _ = self.student.forward(batch)
        given = {"sentences": (encoded.documents, numbers), "tokens": (encoded.vectors, words)}
        for name, taught in self._taught.items():
            vectors, rows = given[name]
            known = rows < len(taught)
            solved = np.linalg.lstsq(
                directions(vectors[known])[0], taught(rows[known]), rcond=None
            )[0]
            found[name] = np.ascontiguousarray(solved.T)
        return found

    def __call__(self, learner: Learner) -> tuple[float, int]:
        """Take the learner's next step; return the loss and the number of words."""
        epoch, place = divmod(learner.step, len(self._order))
        if epoch != self._epoch:
            self._epoch, self._order = epoch, self._batches(epoch)
        numbers = self._order[place]
        batch, words = self._bags.look_up(self.lessons.corpus, numbers, self._longest)
        encoded, backprop = self.student.forward(batch)
        loss, d_documents, beside = self._of_sentences(encoded, numbers, learner.beside)
        d_vectors = None
        if "tokens" in self._taught:
            known = words < len(self._taught["tokens"])
            token_loss, d_known, beside["tokens"] = self._of_tokens(
                encoded.vectors[known], words[known], learner
            )
            d_vectors = np.zeros_like(encoded.vectors)
            d_vectors[known] = d_known
            loss += token_loss
        learner.update(backprop(d_documents, d_vectors), beside)
        return loss, len(batch.places)

    def _batches(self, epoch: int) -> list[Ints]:
        return list(batches(self._lengths, self._batch, epoch, self._seed))

    def _of_sentences(
        self, encoded: Encoded, numbers: Ints, beside: Gradients
    ) -> tuple[float, Floats, Gradients]:
        asked = self.objective
        units, lengths = directions(encoded.documents)
        teacher = self._taught["sentences"](numbers)
        loss, d_units, d_readout = objectives.direction(units, beside["sentences"], teacher)
        loss, d_units = asked.direction * loss, np.float32(asked.direction) * d_units
        scores, wanted = map(objectives.all_similarities, (units, teacher))
        apart, d_apart = objectives.similarities(scores, wanted)
        order, d_order = objectives.neighbours(scores, wanted, asked.temperature)
        loss += asked.similarity * apart + asked.neighbours * order
        d_scores = np.float32(asked.similarity) * d_apart + np.float32(asked.neighbours) * d_order
        d_units += objectives.backprop_all_similarities(d_scores, units)
        d_documents = backprop_directions(d_units, units, lengths)
        return loss, d_documents, {"sentences": np.float32(asked.direction) * d_readout}

    def _of_tokens(
        self, vectors: Floats, places: Ints, learner: Learner
    ) -> tuple[float, Floats, Floats]:
        readout = learner.beside["tokens"]
        if not len(places):
            return 0.0, vectors, np.zeros_like(readout)
        weight, of_contexts = np.float32(self.objective.tokens), self.objective.contexts
        words = np.asarray(self.lessons.corpus.tokens[places], dtype=np.int64)
        pairs = objectives.pairs_of_words(words, [self._seed, learner.step])
        units, lengths = directions(vectors)
        teacher = self._taught["tokens"](places)
        loss, d_units, d_readout = objectives.direction(units, readout, teacher)
        apart, d_apart = objectives.contexts(units, teacher, pairs)
        d_units = weight * d_units + np.float32(of_contexts) * d_apart
        loss = float(weight) * loss + of_contexts * apart
        return loss, backprop_directions(d_units, units, lengths), weight * d_readout
