"""Distillation in a folder: the texts' words, the teacher's vectors, then the training."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from tqdm import tqdm

from salience.errors import RangeError
from salience.model import weights
from salience.model.parameters import read_parameters, reads_compositions
from salience.model.weights import Weights
from salience.training.corpus import WORDS_FILE, Corpus, is_written, read_corpus, write_corpus
from salience.training.distil import Distillation, Lessons
from salience.training.extend import extended
from salience.training.folders import claim, digest
from salience.training.learner import Learner
from salience.training.lessons import Teacher, checked, write_lessons
from salience.training.lexicon import Lexicon
from salience.training.loop import CHECKPOINT, Outcome, Plan, train
from salience.training.objectives import Objective
from salience.training.precision import Precision
from salience.training.signs import with_signs
from salience.training.start import Recipe, start
from salience.training.student import Student
from salience.training.words import word_teacher

from ..component.pipelines import weights_of
from ..component.watch import look_at
from .judging import judge_of
from .lexicons import check_tokenizer
from .teachers import find_teacher
from .text_files import TextFiles, check_files, words_of

CORPUS, LESSONS, START = "corpus", "teacher.npy", "start.safetensors"


@dataclass(frozen=True)
class Course:
    """How a student is taught.

    epochs: times it sees every text; batch: texts at a time; longest: words of
    a text it is shown; rate: highest rate of learning; recurrence, attention:
    whether they learn; every: steps between dev scores and checkpoints.
    """

    epochs: int = 3
    batch: int = 1024
    longest: int = 64
    rate: float = 3e-3
    recurrence: bool = True
    attention: bool = True
    every: int = 200
    precision: Precision = "int8"


@dataclass(frozen=True)
class Teachers:
    """Who teaches: of texts a teacher's name or a matrix (.npy), of words and tokens another's.

    words: where None, the teacher of texts, or what its matrix says of the
    texts that a word is in. tokens: a matrix of a vector for each word of the
    texts, or None.
    """

    texts: str
    words: str | None = None
    tokens: Path | None = None


def distil(
    nlp: Language, paths: Sequence[Path], teachers: Teachers, folder: Path, *,
    recipe: Recipe, course: Course, objective: Objective, dev: Sequence[str] = (),
    text_files: TextFiles | None = None, model: str | None = None,
    lexicon: Lexicon | None = None,
) -> Outcome:  # fmt: skip
    """Teach a model to a folder, from where an interrupted call of the same left it.

    dev are tasks to judge models by, each TASK=FILE (see judge_of); text_files
    says how texts are read from the files, and hears how many rows had none. The model
    is for the language of nlp; where most texts are in another script than it is
    written in, a LanguageWarning says so. It begins as the saved `model`, of whose
    words and sizes it is then, whatever the recipe, but for blocks and a projection of
    documents that are added; or afresh where that is None, with the words of a lexicon where
    there is one.

    Raises RangeError where a teacher or a setting is none there can be,
    FileError where a file cannot be read, WeightsError where the folder holds
    another model's work.
    """
    recipe.check()
    check_files(paths)
    text_files = text_files or TextFiles()
    judge = judge_of(nlp, dev)
    matrix = _matrix(Path(teachers.texts)) if teachers.texts.endswith(".npy") else None
    teacher = None if matrix is not None else find_teacher(teachers.texts)
    of_words = find_teacher(teachers.words) if teachers.words else teacher
    tokens = None if teachers.tokens is None else _matrix(teachers.tokens)
    saved = None if model is None else extended(with_signs(weights_of(model)), recipe)
    if saved is None:
        recipe.check_document_width(recipe.width)
    if saved is None and of_words is not None:
        recipe.check_teacher(checked(of_words(["word"]), 1).shape[1])
    elif saved is None and matrix is not None:
        recipe.check_teacher(matrix.shape[1])
    joined = lexicon is not None if saved is None else reads_compositions(saved)
    plan_of_all = _plan(nlp, paths, text_files, teachers, recipe, course, objective, dev)
    if joined:
        plan_of_all["texts"]["joined"] = True
    if lexicon is not None:
        check_tokenizer(nlp, lexicon)
        plan_of_all["start"]["lexicon"] = [sorted(each.items()) for each in lexicon]
    if saved is not None:
        plan_of_all["start"] = {"model": saved.digest()}
    changed = claim(folder, plan_of_all, {
        "texts": folder / CORPUS / WORDS_FILE,
        "teacher": folder / (LESSONS if matrix is None else CHECKPOINT),
        "start": folder / CHECKPOINT, "training": folder / CHECKPOINT,
    })  # fmt: skip
    look_at(nlp, text_files.texts_of(paths))
    if "start" in changed:
        (folder / START).unlink(missing_ok=True)
    corpus = _corpus(nlp, paths, text_files, folder / CORPUS, joined)
    if len(corpus) < 2:
        raise RangeError(f"distil: expected at least two texts, got {len(corpus)}; give more")
    if teacher is not None:
        matrix = _taught(text_files.texts_of(paths), len(corpus), teacher, folder / LESSONS)
    assert matrix is not None
    lessons = Lessons(corpus, matrix, tokens)
    if saved is None:
        of_words = of_words or word_teacher(lessons)
        first = _start(folder / START, corpus, of_words, recipe, str(nlp.lang), lexicon)
        begin = extended(first, recipe)
    else:
        begin = saved.made_for(str(nlp.lang))
    student = Student(begin, recurrence=course.recurrence, attention=course.attention)
    steps = Distillation(
        lessons, student, objective, batch=course.batch, longest=course.longest, seed=recipe.seed
    )
    plan = Plan(course.epochs * steps.steps_of_an_epoch, course.every, course.precision)
    readouts = steps.readouts() if saved is None else steps.fitted_readouts()
    learner = Learner(student, readouts, steps=plan.steps, rate=course.rate)
    return train(learner, steps, plan, folder, judge)


def _plan(
    nlp: Language, paths: Sequence[Path], text_files: TextFiles, teachers: Teachers, recipe: Recipe,
    course: Course, objective: Objective, dev: Sequence[str],
) -> dict[str, dict[str, object]]:  # fmt: skip
    """What the folder's work depends on: files by their content, all else by name."""
    named = {"teacher": teachers.texts, "word teacher": teachers.words, "tokens": teachers.tokens}
    by_content = {
        name: digest(Path(each)) if each and str(each).endswith(".npy") else each
        for name, each in named.items()
    }
    field = {"field": text_files.field} if text_files.field else {}
    return {
        "texts": {"texts": [digest(path) for path in paths], "language": nlp.lang, **field},
        "teacher": {"teacher": by_content["teacher"]},
        "start": {"word teacher": by_content["word teacher"], **asdict(recipe)},
        "training": {
            **asdict(course), **objective._asdict(), "tokens": by_content["tokens"],
            "dev": list(dev),
        },
    }  # fmt: skip


def _matrix(path: Path) -> NDArray[Any]:
    try:
        matrix: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise RangeError(
            f"distil: expected a matrix in {path}, could not read it: {error}"
        ) from error
    if matrix.ndim != 2 or matrix.dtype.kind != "f":
        raise RangeError(
            f"distil: expected a matrix of floating-point numbers in {path}, got the shape "
            f"{list(matrix.shape)} of {matrix.dtype}"
        )
    return matrix


def _corpus(
    nlp: Language, paths: Sequence[Path], text_files: TextFiles, folder: Path, joined: bool
) -> Corpus:
    if is_written(folder):
        return read_corpus(folder)
    texts = tqdm(text_files.texts_of(paths), desc="reading", unit=" texts", disable=None)
    return write_corpus(words_of(nlp.tokenizer, texts, joined=joined), folder)


def _taught(texts: Iterator[str], count: int, teacher: Teacher, path: Path) -> NDArray[Any]:
    with tqdm(total=count, desc="teacher", unit=" texts", disable=None) as bar:
        done: Callable[[int], object] = bar.update
        return write_lessons(texts, count, teacher, path, done)


def _start(
    path: Path, corpus: Corpus, teacher: Teacher, recipe: Recipe, lang: str,
    lexicon: Lexicon | None,
) -> Weights:  # fmt: skip
    if not path.exists():
        begin = start(corpus.counts(), teacher, recipe, lexicon).made_for(lang)
        read_parameters(begin)  # refuses what no student could start from
        weights.save(begin, path)
    return weights.load(path)
