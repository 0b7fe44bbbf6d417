"""`salience evaluate sts FILE`: how well similarity agrees with people."""

from enum import Enum
from math import isfinite
from pathlib import Path
from typing import Annotated

from typer import Argument

from salience.training.evaluation import spearman

from .show import ModelName, pipeline
from .texts import FileError, fields


class Task(str, Enum):
    """What to evaluate."""

    sts = "sts"


TaskName = Annotated[Task, Argument(help="sts: sentence similarity.")]
FilePath = Annotated[
    Path, Argument(help="Tab-separated, with a header: sentence1, sentence2, score.")
]


def evaluate(task: TaskName, path: FilePath, model: ModelName = "en_small") -> None:
    """Print Spearman's correlation of doc.similarity with the scores of a file."""
    first, second, scores = read_pairs(path)
    nlp = pipeline(model)
    found = [a.similarity(b) for a, b in zip(nlp.pipe(first), nlp.pipe(second), strict=True)]
    print(f"{task.value}\t{path.name}\t{len(scores)} pairs\tSpearman {spearman(found, scores):.4f}")


def read_pairs(path: Path) -> tuple[list[str], list[str], list[float]]:
    """Return the columns sentence1, sentence2 and score; FileError names a bad line."""
    rows = fields(path)
    header = next(rows, [])
    wanted = ("sentence1", "sentence2", "score")
    if not set(wanted) <= set(header):
        raise FileError(
            f"{path}: expected the columns {', '.join(wanted)} in the first line, "
            f"got {', '.join(header) or 'nothing'}"
        )
    places = [header.index(name) for name in wanted]
    pairs: list[tuple[str, str, float]] = []
    for number, row in enumerate(rows, start=2):
        if row == [""]:
            continue
        try:
            a, b, score = (row[place] for place in places)
            if not isfinite(float(score)):
                raise ValueError(f"{score} is not finite")
            pairs.append((a, b, float(score)))
        except (IndexError, ValueError) as error:
            raise FileError(
                f"{path}, line {number}: expected {len(header)} fields with a number in "
                f"'score', got {len(row)} fields ({error})"
            ) from error
    return [a for a, _, _ in pairs], [b for _, b, _ in pairs], [score for _, _, score in pairs]
