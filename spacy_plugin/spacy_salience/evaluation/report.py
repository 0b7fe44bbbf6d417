"""Figures of many tasks and models as one table."""

import platform
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import metadata
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from ..pictures.labels import harmless
from .models import Model
from .task import Scores, Task

PACKAGES = ("salience", "spacy", "numpy", "scikit-learn")
"""The packages that figures depend on; the last is optional."""


class Line(NamedTuple):
    """One figure of a task, and what each model has; None where a model has none."""

    task: Task
    figure: str
    scores: dict[str, float | None]


def lines_of(tasks: Sequence[Task], found: Mapping[str, Mapping[str, Scores]]) -> list[Line]:
    """Return a line for each figure of each task; found has each model's figures by task."""
    return [
        Line(task, figure, {name: each[task.name].get(figure) for name, each in found.items()})
        for task in tasks
        for figure in dict.fromkeys(chain(*(each[task.name] for each in found.values())))
    ]


def as_text(lines: Sequence[Line], models: Sequence[Model]) -> str:
    """Return the table for people: a line a figure, a column a model."""
    rows = [["task", "file", "items", "figure", *(model.name for model in models)]]
    for task, figure, scores in lines:
        kind, files = named(task)
        cells = ["-" if each is None else f"{each:.4f}" for each in scores.values()]
        rows.append([kind, ",".join(Path(file).name for file in files), task.items, figure, *cells])
    rows = [[harmless(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def as_object(lines: Sequence[Line], models: Sequence[Model]) -> dict[str, Any]:
    """Return the same with all digits, and what is needed to have it again."""
    return {
        "versions": versions(),
        "models": [{"name": model.name, **model.about} for model in models],
        "figures": [
            {
                "task": named(line.task)[0],
                "files": named(line.task)[1],
                "items": line.task.items,
                "figure": line.figure,
                "scores": line.scores,
            }
            for line in lines
        ],
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def named(task: Task) -> tuple[str, list[str]]:
    """Return a task's kind and its files."""
    kind, _, files = task.name.partition("=")
    return kind, files.split(",")
