"""Finetuning in a folder, from a saved model and files that people judged or labelled."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from spacy.language import Language

from salience.model.parameters import reads_compositions
from salience.training.finetune import Finetuning
from salience.training.folders import claim, digest
from salience.training.learner import Learner
from salience.training.loop import CHECKPOINT, Outcome, Plan, train
from salience.training.precision import Precision
from salience.training.student import Learns, Student

from ..component.pipelines import weights_of
from ..component.watch import Watch
from .data_sets import has_words, read_data_sets
from .judging import judge_of
from .text_files import check_files


@dataclass(frozen=True)
class Practice:
    """How a model is trained on what people say of texts.

    batch: pairs, or texts with labels, at a time, of the largest set of data; learns: see
    Student; temperature: of the contrast; all else: see Course.
    """

    epochs: int = 3
    batch: int = 128
    longest: int = 128
    rate: float = 5e-4
    temperature: float = 0.05
    learns: Learns = "all"
    seed: int = 0
    every: int = 100
    precision: Precision = "int8"


def finetune(
    nlp: Language, paths: Sequence[Path], model: str, folder: Path, *,
    practice: Practice, dev: Sequence[str] = (),
) -> Outcome:  # fmt: skip
    """Train a saved model on files to a folder, from where an interrupted call left it.

    The files are those that read_data_sets reads; what several say is learnt together. The
    layers that read labels learn beside the model, and are not kept.

    dev are tasks to judge models by, each TASK=FILE (see judge_of). The new
    model is for the language of nlp; where the saved one is for another, or the
    texts are in another script than its words, a LanguageWarning says so.

    Raises RangeError where there is no model of this name, FileError where a
    file is not as expected, WeightsError where the folder holds other work.
    """
    check_files(path for path in paths if not has_words(path))
    judge = judge_of(nlp, dev)
    weights = weights_of(model)
    given = read_data_sets(nlp, paths, joined=reads_compositions(weights))
    watch = Watch("finetune")
    watch.language(weights, nlp.lang)
    watch.texts(weights, given.texts)
    student = Student(weights.made_for(str(nlp.lang)), learns=practice.learns)
    steps = Finetuning(
        given.corpus, given.judged, student, labelled=given.labelled, batch=practice.batch,
        longest=practice.longest, temperature=practice.temperature, seed=practice.seed,
    )  # fmt: skip
    plan = Plan(practice.epochs * steps.steps_of_an_epoch, practice.every, practice.precision)
    learner = Learner(student, steps.heads(), steps=plan.steps, rate=practice.rate)
    training = {
        "files": [digest(path) for path in paths], "model": weights.digest(),
        "language": nlp.lang, "dev": list(dev), **asdict(practice),
    }  # fmt: skip
    claim(folder, {"training": training}, {"training": folder / CHECKPOINT})
    return train(learner, steps, plan, folder, judge)
