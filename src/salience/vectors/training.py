"""Epochs over a corpus, in a folder: checkpoints, and an end at any time."""

from dataclasses import asdict, dataclass
from math import isfinite
from pathlib import Path
from time import monotonic, perf_counter
from zipfile import BadZipFile

import numpy as np
from tqdm import tqdm

from ..errors import RangeError, WeightsError
from ..files import write_whole
from ..interrupts import interrupted
from ..training.folders import PLAN, digest
from .folder import SETTINGS_FILE, fill
from .learner import Learner

POSITION = "position.npz"
"""The name of a checkpoint in the folder of a training."""

SLICES_AT_ONCE = 64
"""Slices between two looks at Ctrl-C and the clock."""


@dataclass
class Result:
    """How many of all slices were learnt from."""

    done: int
    all: int

    @property
    def finished(self) -> bool:
        """Whether that is all of them."""
        return self.done == self.all


def train(learner: Learner, folder: Path, every: float = 300.0) -> Result:
    """Learn from all epochs, from the folder's checkpoint where it has one, and write vectors.

    A checkpoint is written each `every` seconds, and at the end. On one thread, a training
    that was killed and is called again ends with the bits of one that was not. Ctrl-C ends it
    soon, with the vectors as they are and a checkpoint; pressed twice, at once.

    Raises WeightsError where the checkpoint is damaged or another training's, and RangeError
    where the loss is not finite.
    """
    epochs, slices = learner.settings.epochs, learner.slices
    result = Result(_resume(learner, folder), epochs * slices)
    if result.finished and (folder / SETTINGS_FILE).exists():
        return result
    with interrupted() as stop, _progress(learner, result.done) as bar:
        began, kept_at, start = perf_counter(), monotonic(), bar.n
        while not result.finished and not stop.is_set():
            epoch, first = divmod(result.done, slices)
            last = min(first + SLICES_AT_ONCE, slices)
            loss, steps = learner.learn(epoch, first, last)
            if not isfinite(loss):
                raise RangeError(
                    f"vectors: expected a finite loss, got {loss} in epoch {epoch + 1}; give a "
                    "lower rate. The folder's checkpoint is that of before"
                )
            result.done += last - first
            bar.update(learner.tokens(first, last))
            words = (bar.n - start) / (perf_counter() - began)
            told = f"epoch {epoch + 1}, loss {loss / max(steps, 1):.3f}, {words / 1e3:.0f}k words/s"
            bar.set_postfix_str(told, refresh=False)
            if monotonic() - kept_at >= every and not result.finished:
                _keep(learner, folder, result.done)
                kept_at = monotonic()
    _keep(learner, folder, result.done)
    write_vectors(learner, folder, result)
    return result


def write_vectors(learner: Learner, folder: Path, result: Result) -> None:
    """Write what was learnt, which WordVectors.from_disk reads."""
    contents = learner.vectors().contents()
    stated = {"training": asdict(learner.settings), "finished": result.finished}
    fill(folder, contents._replace(settings={**contents.settings, **stated}))


def _keep(learner: Learner, folder: Path, done: int) -> None:
    """Write a checkpoint; an array at a time, as two copies of the tables may not fit in memory."""
    rows, outputs = learner.tables
    plan = np.array(_plan_of(folder))
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(
        folder / POSITION,
        lambda file: np.savez(file, rows=rows, outputs=outputs, done=np.int64(done), plan=plan),
    )


def _resume(learner: Learner, folder: Path) -> int:
    """Read a checkpoint into the tables; return how many slices were done, 0 without one."""
    path = folder / POSITION
    if not path.exists():
        return 0
    try:
        with np.load(path, allow_pickle=False) as found:
            done, plan = int(found["done"]), str(found["plan"])
            tables = [np.asarray(found[name]) for name in ("rows", "outputs")]
        wanted = [(table.shape, table.dtype) for table in learner.tables]
        if plan != _plan_of(folder) or [(each.shape, each.dtype) for each in tables] != wanted:
            raise ValueError("it is another training's")
        if not 0 <= done <= learner.slices * learner.settings.epochs:
            raise ValueError("it has gone further than this training goes")
    except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile) as error:
        raise WeightsError(
            f"{path}: expected a checkpoint of this training, could not read it ({error}); restore "
            "it from a copy, or remove it to begin again"
        ) from error
    for table, read in zip(learner.tables, tables, strict=True):
        table[:] = read
    return done


def _plan_of(folder: Path) -> str:
    return digest(folder / PLAN) if (folder / PLAN).exists() else ""


def _progress(learner: Learner, done: int) -> tqdm:
    epochs, first = divmod(done, learner.slices)
    one = learner.tokens(0, learner.slices)
    begin = epochs * one + learner.tokens(0, first)
    total = learner.settings.epochs * one
    return tqdm(total=total, initial=begin, unit=" words", unit_scale=True, disable=None)
