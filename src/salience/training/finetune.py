"""Train a model on people's scores and labels of pairs of texts."""

from typing import NamedTuple

import numpy as np

from .. import checks
from ..errors import RangeError, ShapeError
from ..types import Floats, Ints
from .corpus import Corpus, bags_of
from .distil import look_up
from .learner import Learner
from .objectives import backprop_directions, directions
from .pairs import contrast, regression
from .student import Gradients, Student


class Judged(NamedTuple):
    """Pairs of texts, by their numbers in a corpus, with scores or labels by people.

    first, second: the texts [P]. wanted [P]: a pair's score as a cosine from -1 to 1,
    or NaN. alike [P]: a pair's label, 1 or 0, or NaN.
    """

    first: Ints
    second: Ints
    wanted: Floats
    alike: Floats

    def chosen(self, numbers: Ints) -> "Judged":
        """Return these pairs."""
        first, second, wanted, alike = self
        return Judged(first[numbers], second[numbers], wanted[numbers], alike[numbers])


class Finetuning:
    """Steps of training on pairs, by number: batch and order depend on the seed alone.

    L = regression of the pairs with scores + contrast of those with labels
    """

    def __init__(
        self, corpus: Corpus, judged: Judged, student: Student, *,
        batch: int, longest: int, temperature: float, seed: int,
    ) -> None:  # fmt: skip
        """Prepare; RangeError where there are no pairs or a number is out of range."""
        if not len(judged.first):
            raise RangeError("finetune: expected at least one pair, got none; give it pairs")
        if len({len(array) for array in judged}) != 1:
            raise ShapeError(
                f"finetune: expected as much of everything, got {[len(a) for a in judged]}"
            )
        self._batch = checks.at_least("finetune", "the batch", batch, 1)
        self._longest = checks.at_least("finetune", "longest", longest, 1)
        self._temperature = checks.between("finetune", "temperature", temperature, 1e-3, 1e3)
        self.corpus, self.judged, self.student, self._seed = corpus, judged, student, seed
        self._bags = bags_of(student.vocabulary, corpus.words)

    @property
    def steps_of_an_epoch(self) -> int:
        """How many batches there are in an epoch."""
        return -(-len(self.judged.first) // self._batch)

    def __call__(self, learner: Learner) -> tuple[float, int]:
        """Take the learner's next step; return the loss and the number of words."""
        epoch, place = divmod(learner.step, self.steps_of_an_epoch)
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self.judged.first))
        numbers = np.array_split(order, self.steps_of_an_epoch)[place]
        pairs = self.judged.chosen(numbers)
        texts = np.concatenate([pairs.first, pairs.second])
        batch, _ = look_up(self.corpus, self._bags, texts, self._longest)
        encoded, backprop = self.student.forward(batch)
        units, lengths = directions(encoded.documents)
        loss, d_units = self._loss(pairs, units)
        learner.update(backprop(backprop_directions(d_units, units, lengths), None), Gradients())
        return loss, len(batch.places)

    def _loss(self, pairs: Judged, units: Floats) -> tuple[float, Floats]:
        u, v = np.split(units, 2)
        d_u, d_v, loss = np.zeros_like(u), np.zeros_like(v), 0.0
        scored = np.flatnonzero(~np.isnan(pairs.wanted))
        labelled = np.flatnonzero(~np.isnan(pairs.alike))
        if len(scored):
            found = regression(u[scored], v[scored], pairs.wanted[scored])
            loss, d_u[scored], d_v[scored] = found
        if len(labelled):
            found = contrast(
                u[labelled], v[labelled], pairs.first[labelled], pairs.second[labelled],
                pairs.alike[labelled], self._temperature,
            )  # fmt: skip
            loss += found[0]
            d_u[labelled] += found[1]
            d_v[labelled] += found[2]
        return loss, np.concatenate([d_u, d_v])
