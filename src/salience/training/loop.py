"""The loop around a learner's steps: progress, dev scores, checkpoints, and an end at any time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from time import perf_counter
from typing import Any

from tqdm import tqdm

from ..errors import RangeError, WeightsError
from ..interrupts import interrupted
from ..model.weights import MODEL_FILE, Weights, load, save
from .folders import PLAN, digest
from .learner import Learner
from .precision import Precision, stored

CHECKPOINT = "checkpoint.safetensors"

Step = Callable[[Learner], tuple[float, int]]
"""Takes a learner's next step; returns the loss and the number of words."""

Judge = Callable[[Weights], Mapping[str, float]]
"""Returns a model's dev scores, by task; their mean says which model is best."""


@dataclass(frozen=True)
class Plan:
    """How long a training is: `steps` in all, with dev scores and a checkpoint each `every`.

    precision: of the word table in the model's file.
    """

    steps: int
    every: int
    precision: Precision = "int8"


@dataclass
class Outcome:
    """The end of a training: steps taken, the step that the model is of, and its dev scores."""

    steps: int
    best: int
    scores: dict[str, float]
    finished: bool


def train(learner: Learner, step: Step, plan: Plan, folder: Path, judge: Judge | None) -> Outcome:
    """Train to the plan's end, from the folder's checkpoint where it has one.

    Every step depends on the checkpoint alone, so that a training that was
    killed and is called again ends with the bits of one that was not. The model in
    the folder is the best so far by the mean of its dev scores, the start included;
    without a judge it is the last one. Ctrl-C ends after the step, with a checkpoint;
    pressed twice, at once.

    Raises WeightsError where the checkpoint is of another training, and
    RangeError where the loss or a dev score is not finite.
    """
    outcome = _resumed(learner, plan, folder)
    with interrupted() as stop, _progress(plan.steps, learner.step) as bar:
        if not learner.step and judge:
            _keep(learner, plan, folder, judge, outcome, bar)
        began, words, total = perf_counter(), 0, 0.0
        while learner.step < plan.steps and not stop.is_set():
            loss, count = step(learner)
            if not isfinite(loss):
                raise RangeError(
                    f"training: expected a finite loss, got {loss} in step {learner.step}; give a "
                    "lower rate. The folder's model and checkpoint are those of before"
                )
            words, total = words + count, total * 0.98 + loss * 0.02 if total else loss
            rate = words / (perf_counter() - began)
            bar.set_postfix_str(f"loss {total:.4f}, {rate / 1000:.0f}k words/s", refresh=False)
            bar.update()
            if learner.step % plan.every == 0 or learner.step == plan.steps:
                _keep(learner, plan, folder, judge, outcome, bar)
        if stop.is_set() and learner.step != outcome.steps:
            # Not judged, as an uninterrupted training is not judged at this step.
            _keep(learner, plan, folder, None, outcome, bar, model=judge is None)
    outcome.finished = learner.step == plan.steps
    return outcome


def _keep(
    learner: Learner, plan: Plan, folder: Path, judge: Judge | None, outcome: Outcome, bar: tqdm,
    *, model: bool = True,
) -> None:  # fmt: skip
    """Write the model if it is the best so far, or there is no judge; then the checkpoint."""
    outcome.steps = learner.step
    if model:
        weights = stored(learner.student.weights(), plan.precision)
        scores = _judged(judge, weights, learner.step, bar) if judge else {}
        if not scores or not outcome.scores or _mean(scores) > _mean(outcome.scores):
            outcome.best, outcome.scores = learner.step, scores
            save(weights, folder / MODEL_FILE)
    settings = {"step": learner.step, "best": outcome.best, "scores": outcome.scores}
    state = Weights(learner.state(), {**settings, "plan": _plan_of(folder)})
    save(state, folder / CHECKPOINT)


def _judged(judge: Judge, weights: Weights, step: int, bar: tqdm) -> dict[str, float]:
    scores = dict(judge(weights))
    if not scores or not all(map(isfinite, scores.values())):
        raise RangeError(f"training: expected finite dev scores, got {scores}; give other tasks")
    told = ", ".join(f"{name} {score:.4f}" for name, score in scores.items())
    bar.write(f"step {step}: {told}")
    return scores


def _mean(scores: Mapping[str, float]) -> float:
    return sum(scores.values()) / len(scores)


def _resumed(learner: Learner, plan: Plan, folder: Path) -> Outcome:
    path = folder / CHECKPOINT
    if not path.exists():
        return Outcome(0, 0, {}, False)
    found = load(path)
    try:
        outcome = _stated(found.settings, plan.steps)
        if found.settings.get("plan") not in (None, _plan_of(folder)):
            raise WeightsError("expected a checkpoint of this folder's plan, found another's")
        learner.restore(found, outcome.steps)
    except WeightsError as error:
        raise WeightsError(f"{path}: {error}; restore it from a copy, or remove it") from error
    return outcome


def _stated(settings: Mapping[str, Any], steps: int) -> Outcome:
    """How far a checkpoint says that the training came."""
    step, best, scores = (settings.get(name) for name in ("step", "best", "scores"))
    if (
        not (type(step) is type(best) is int and 0 <= best <= step <= steps)
        or not isinstance(scores, dict)
        or not all(type(score) in (int, float) and isfinite(score) for score in scores.values())
    ):
        raise WeightsError(f"expected a checkpoint of a training of {steps} steps, found another")
    return Outcome(step, best, dict(scores), False)


def _plan_of(folder: Path) -> str | None:
    """Return the digest of the folder's plan; None where there is no plan."""
    return digest(folder / PLAN) if (folder / PLAN).exists() else None


def _progress(steps: int, done: int) -> tqdm:
    return tqdm(total=steps, initial=done, unit=" steps", disable=None)
