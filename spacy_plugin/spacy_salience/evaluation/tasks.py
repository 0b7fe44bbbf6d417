"""Tasks by their names, and what a model scores in them."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from spacy.language import Language

from salience import checks
from salience.errors import RangeError

from .classification import read_classification
from .collection import read_collection
from .context import read_in_context
from .keyphrases import read_keyphrases
from .pairs import read_labelled, read_sentences, read_words
from .probe import read_probe
from .retrieval import read_retrieval
from .task import Scores, Task, TokenTask
from .token_vectors import EncodeWords, TokenVectors
from .vectors import Encode, Vectors

TASKS = ("sts", "words", "pairs", "classify", "retrieve", "context", "probe", "keyphrases")

OF_TWO_FILES = ("classify", "context", "probe")
"""Tasks that may have two files, of which the first is learnt from."""


def read_tasks(arguments: Sequence[str], k: int = 10) -> list[Task]:
    """Read every file of tasks that are written TASK=FILE; k is of recall and precision.

    classify may have two files, TRAIN,TEST; of one it is cross-validated. So may context,
    whose threshold is from the first, and probe must.

    Raises RangeError where a task is unknown or given twice, and FileError
    where a file is not as expected.
    """
    k = checks.at_least("evaluate", "k", k, 1)
    if len(set(arguments)) < len(arguments):
        raise RangeError("evaluate: expected tasks that differ, got one twice; remove it")
    return [_read(argument, k) for argument in arguments]


def evaluate_tasks(
    encode: Encode, tasks: Sequence[Task], nlp: Language | None = None, name: str = "encode",
    kinds: Mapping[str, EncodeWords] | None = None,
) -> dict[str, Scores]:  # fmt: skip
    """Return the figures of each task, by the tasks' names.

    Args:
        encode: texts to one vector each [n, D]; given each distinct text once,
            in batches.
        tasks: what read_tasks returned.
        nlp: a pipeline with the component, which keyphrases need: without one
            they have no figures.
        name: the model's, for the progress and for errors.
        kinds: sentences to token vectors, by the kind of these; without any, tasks that
            need them have no figures.

    Raises:
        ShapeError, DtypeError, RangeError: encode does not return one finite
            vector a text, or the same one for all of a task's pairs.
    """
    sentences = [
        each for task in tasks if isinstance(task, TokenTask) for each in task.word_lists()
    ]
    tokens = {
        kind: TokenVectors(encode_words, sentences, name)
        for kind, encode_words in (kinds or {}).items()
        if sentences
    }
    vectors = Vectors(encode, (text for task in tasks for text in task.texts()), name, tokens)
    return {task.name: task.scores(vectors, nlp) for task in tasks}


def _read(argument: str, k: int) -> Task:
    task, _, files = argument.partition("=")
    paths = [Path(file) for file in files.split(",")]
    if task not in TASKS or not files or len(paths) > 1 + (task in OF_TWO_FILES):
        raise RangeError(
            f"evaluate: expected TASK=FILE, or TASK=TRAIN,TEST, with a task of "
            f"{', '.join(TASKS)}; got {argument!r}"
        )
    second = paths[1] if paths[1:] else None
    readers: dict[str, Callable[[str, Path], Task]] = {
        "sts": read_sentences,
        "words": read_words,
        "pairs": read_labelled,
        "classify": partial(read_classification, test=second),
        "context": partial(read_in_context, dev=second),
        "probe": partial(read_probe, dev=second),
        "retrieve": partial(read_collection if paths[0].is_dir() else read_retrieval, k=k),
        "keyphrases": partial(read_keyphrases, k=k),
    }
    return readers[task](argument, paths[0])
