"""Train a model on people's scores and labels: of pairs of texts, of texts, and of words."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .. import checks
from ..errors import RangeError, ShapeError
from ..types import Floats, Ints
from .bags import Bags
from .corpus import Corpus
from .labels import Head, Labelled, classification, new_head
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
    """Steps of training on one or several sets of data, by number.

    L = regression of the pairs with scores + contrast of those with labels
        + sum over the labelled sets of classification

    A step takes a part of every set, and an epoch all of each: of the largest set `batch`
    pairs or texts a step. Batch and order depend on the seed alone.
    """

    def __init__(
        self, corpus: Corpus, judged: Judged, student: Student, *,
        labelled: Sequence[Labelled] = (), batch: int, longest: int, temperature: float, seed: int,
    ) -> None:  # fmt: skip
        """Prepare; RangeError where there is nothing to learn or a number is out of range."""
        if len({len(array) for array in judged}) != 1:
            raise ShapeError(
                f"finetune: expected as much of everything, got {[len(a) for a in judged]}"
            )
        self._sizes = [len(judged.first), *(len(each.texts) for each in labelled)]
        if not any(self._sizes):
            raise RangeError("finetune: expected at least one pair, got none; give it pairs")
        self._batch = checks.at_least("finetune", "the batch", batch, 1)
        self._longest = checks.at_least("finetune", "longest", longest, 1)
        self._temperature = checks.between("finetune", "temperature", temperature, 1e-3, 1e3)
        self.corpus, self.judged, self.student, self._seed = corpus, judged, student, seed
        self.labelled = labelled
        self._bags = Bags(student.vocabulary, corpus.words)

    @property
    def steps_of_an_epoch(self) -> int:
        """How many batches there are in an epoch."""
        return -(-max(self._sizes) // self._batch)

    def heads(self) -> Gradients:
        """Return the linear layer of each labelled set, which learns beside the student."""
        settings = self.student.layers.settings
        found: Gradients = {}
        for number, each in enumerate(self.labelled):
            width = settings.width if each.of_words else settings.document_width or settings.width
            found |= _named(number, new_head(each.classes, width))
        return found

    def __call__(self, learner: Learner) -> tuple[float, int]:
        """Take the learner's next step; return the loss and the number of words."""
        pairs, *chosen = self._part(learner.step)
        judged = self.judged.chosen(pairs)
        asked = [judged.first, judged.second]
        asked += [each.texts[part] for each, part in zip(self.labelled, chosen, strict=True)]
        batch, places = self._bags.look_up(self.corpus, np.concatenate(asked), self._longest)
        encoded, backprop = self.student.forward(batch)
        units, lengths = directions(encoded.documents)
        d_units, beside = np.zeros_like(units), Gradients()
        ends = np.cumsum([0, *map(len, asked)])
        loss, d_units[: ends[2]] = self._loss(judged, units[: ends[2]])
        d_vectors = np.zeros_like(encoded.vectors)
        for number, each in enumerate(self.labelled):
            texts = slice(ends[number + 2], ends[number + 3])
            head = Head(*(learner.beside[name] for name in _names(number)))
            if each.of_words:
                words = slice(*batch.starts[[texts.start, texts.stop]])
                labels = each.labels[places[words]]
                more, d_vectors[words], d_head = _of_words(encoded.vectors[words], head, labels)
            else:
                labels = each.labels[asked[number + 2]]
                more, d_units[texts], d_head = classification(units[texts], head, labels)
            loss, beside = loss + more, beside | _named(number, d_head)
        d_documents = backprop_directions(d_units, units, lengths)
        of_words = any(each.of_words for each in self.labelled)
        learner.update(backprop(d_documents, d_vectors if of_words else None), beside)
        return loss, len(batch.places)

    def _part(self, step: int) -> list[Ints]:
        """Return what a step takes of each set, by number."""
        epoch, place = divmod(step, self.steps_of_an_epoch)
        found = []
        for number, size in enumerate(self._sizes):
            seed = [self._seed, epoch, *([number] if number else [])]
            order = np.random.default_rng(seed).permutation(size)
            found.append(np.array_split(order, self.steps_of_an_epoch)[place])
        return found

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


def _of_words(vectors: Floats, head: Head, labels: Ints) -> tuple[float, Floats, Head]:
    units, lengths = directions(vectors)
    loss, d_units, d_head = classification(units, head, labels)
    return loss, backprop_directions(d_units, units, lengths), d_head


def _names(number: int) -> tuple[str, str]:
    return f"heads.{number}.weight", f"heads.{number}.bias"


def _named(number: int, head: Head) -> Gradients:
    return dict(zip(_names(number), head, strict=True))
