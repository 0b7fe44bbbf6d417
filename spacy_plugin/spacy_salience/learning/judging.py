"""Dev scores of a model that is being learnt."""

from collections.abc import Sequence

import numpy as np
from spacy.language import Language

from salience.encoder.encoder import Encoder
from salience.errors import RangeError
from salience.model.weights import Weights
from salience.training.loop import Judge
from salience.types import Floats

from ..annotations.outputs import DocOutput
from ..evaluation import evaluate_tasks, read_tasks
from ..evaluation.models import kinds_of
from ..evaluation.token_vectors import CONTEXTUAL
from ..models.served import Served


def judge_of(nlp: Language, tasks: Sequence[str]) -> Judge | None:
    """Return what scores a model in tasks, each written TASK=FILE as for `salience evaluate`.

    Of a task with several figures the first counts. None where there are no
    tasks. Raises RangeError or FileError as read_tasks, and RangeError for
    keyphrases, which no vectors of texts say.
    """
    if not tasks:
        return None
    read = read_tasks(tasks)
    for task in tasks:
        if task.startswith("keyphrases="):
            raise RangeError(
                f"--dev: expected tasks that document vectors are judged by, got {task!r}; leave "
                "it to `salience evaluate`"
            )

    def judge(weights: Weights) -> dict[str, float]:
        served = Served(Encoder(weights))

        def encode(texts: Sequence[str]) -> Floats:
            outputs: list[DocOutput] = served.encode([nlp.make_doc(text) for text in texts])
            return np.stack([output.document for output in outputs])

        kinds = {CONTEXTUAL: kinds_of(served, nlp)[CONTEXTUAL]}
        found = evaluate_tasks(encode, read, kinds=kinds)
        return {name: next(iter(scores.values())) for name, scores in found.items()}

    return judge
