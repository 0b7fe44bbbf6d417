"""Finetuning in a folder, from a saved model and files of pairs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from spacy.language import Language

from salience.training.corpus import corpus_of
from salience.training.finetune import Finetuning, Judged
from salience.training.folders import claim, digest
from salience.training.learner import Learner
from salience.training.loop import CHECKPOINT, Outcome, Plan, train
from salience.training.precision import Precision
from salience.training.student import Student

from ..component.pipelines import weights_of
from ..component.watch import Watch
from ..evaluation.pairs import FIRST, SCORES, SECOND, is_positive
from ..evaluation.tables import number_in, read_rows, table_in, too_few
from .judging import judge_of
from .text_files import check_files, words_of

LABELS_LEFT_OUT = ("neutral",)
"""Labels that say neither that two texts are alike nor that they are not."""


@dataclass(frozen=True)
class Practice:
    """How a model is trained on pairs: see Course; temperature is that of the contrast."""

    epochs: int = 3
    batch: int = 128
    longest: int = 128
    rate: float = 5e-4
    temperature: float = 0.05
    seed: int = 0
    every: int = 100
    precision: Precision = "int8"


@dataclass(frozen=True)
class Pair:
    """Two texts with a score from 0 to 1, or a label: whether they are alike."""

    first: str
    second: str
    score: float = float("nan")
    alike: float = float("nan")


def finetune(
    nlp: Language, paths: Sequence[Path], model: str, folder: Path, *,
    practice: Practice, dev: Sequence[str] = (),
) -> Outcome:  # fmt: skip
    """Train a saved model on pairs to a folder, from where an interrupted call left it.

    dev are tasks to judge models by, each TASK=FILE (see judge_of). The new
    model is for the language of nlp; where the saved one is for another, or the
    texts are in another script than its words, a LanguageWarning says so.

    Raises RangeError where there is no model of this name, FileError where a
    file is not as expected, WeightsError where the folder holds other work.
    """
    check_files(paths)
    judge = judge_of(nlp, dev)
    weights = weights_of(model)
    pairs = [pair for path in paths for pair in read_pairs(path)]
    texts = list(dict.fromkeys(text for pair in pairs for text in (pair.first, pair.second)))
    places = {text: number for number, text in enumerate(texts)}
    judged = Judged(
        np.array([places[pair.first] for pair in pairs]),
        np.array([places[pair.second] for pair in pairs]),
        np.array([pair.score for pair in pairs], dtype=np.float32),
        np.array([pair.alike for pair in pairs], dtype=np.float32),
    )
    watch = Watch("finetune")
    watch.language(weights, nlp.lang)
    watch.texts(weights, texts)
    student = Student(weights.made_for(str(nlp.lang)))
    steps = Finetuning(
        corpus_of(words_of(nlp.tokenizer, texts)), judged, student, batch=practice.batch,
        longest=practice.longest, temperature=practice.temperature, seed=practice.seed,
    )  # fmt: skip
    plan = Plan(practice.epochs * steps.steps_of_an_epoch, practice.every, practice.precision)
    learner = Learner(student, {}, steps=plan.steps, rate=practice.rate)
    given = {
        "pairs": [digest(path) for path in paths], "model": weights.digest(),
        "language": nlp.lang, "dev": list(dev), **asdict(practice),
    }  # fmt: skip
    claim(folder, {"training": given}, {"training": folder / CHECKPOINT})
    return train(learner, steps, plan, folder, judge)


def read_pairs(path: Path) -> list[Pair]:
    """Read pairs with a score, a label, or neither: then they are questions and their answers.

    A score becomes a cosine from 0, the file's lowest, to 1, its highest. Of
    labels those of POSITIVE are alike; neutral pairs are left out.

    Raises FileError, which names the line, where the file is not as expected.
    """
    table = table_in(path)
    scores = [name for name in SCORES if name in table.columns]
    extra = [scores] if scores else [["label"]] if "label" in table.columns else []
    rows = read_rows(path, [FIRST, SECOND, *extra], table)
    if scores:
        numbers = [number_in(path, row, 2) for row in rows]
        if len(set(numbers)) < 2:
            raise too_few(path, "at least two scores that differ", f"{len(set(numbers))}")
        low, high = min(numbers), max(numbers)
        return [
            Pair(row.fields[0], row.fields[1], score=(number - low) / (high - low))
            for row, number in zip(rows, numbers, strict=True)
        ]
    pairs = []
    for line, (first, second, *label) in rows:
        if label and label[0] in LABELS_LEFT_OUT:
            continue
        alike = not label or is_positive(path, line, label[0])
        pairs.append(Pair(first, second, alike=float(alike)))
    if not pairs:
        raise too_few(path, "at least one pair", "none")
    return pairs
