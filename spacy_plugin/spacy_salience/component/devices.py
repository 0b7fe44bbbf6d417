"""Where a frozen encoder computes: on the CPU, or on a GPU."""

import logging
import sys
from typing import Any, Literal, TypeAlias

from salience.cuda import faults
from salience.errors import DeviceError

from ..annotations.annotator import Annotator

logger = logging.getLogger("salience")

Wanted: TypeAlias = Literal["cpu", "cuda", "auto"]
CHOICES = ("cpu", "cuda", "auto")


class _State:
    """Whether this process has logged what "auto" chose, and watches forks."""

    told = False
    watching = False


def resolve(wanted: Wanted) -> Literal["cpu", "cuda"]:
    """Return the device to compute on; "auto" is a GPU where one can be used, else the CPU.

    Once a process has used the GPU, "auto" stays with it. What "auto" chose, and why, is
    logged once in a process, at INFO.

    Raises DeviceError where a GPU is asked for, or was used before, and cannot be used.
    """
    if wanted == "cpu":
        return "cpu"
    if wanted == "auto" and not faults.in_use():
        reason = faults.why_not()
        _tell(reason)
        if reason:
            return "cpu"
    faults.require()
    _watch_forks()
    return "cuda"


def _tell(reason: str | None) -> None:
    if _State.told:
        return
    _State.told = True
    if reason:
        logger.info("device='auto': computing on the CPU, as no GPU can be used: %s", reason)
    else:
        logger.info("device='auto': computing on the GPU, %s", faults.describe())


def _watch_forks() -> None:
    """Refuse from now on that spaCy forks worker processes, which cannot use the GPU.

    Only an audit hook is called before a fork and can prevent it. It cannot be
    removed, so each process adds it once.
    """
    if not _State.watching:
        _State.watching = True
        sys.addaudithook(_refuse_workers)


def _refuse_workers(event: str, _: Any) -> None:
    if event == "os.fork" and faults.in_use() and (nlp := _forking_pipeline()):
        names = [
            name for name, pipe in nlp.pipeline
            if isinstance(pipe, Annotator) and pipe.device != "cpu"
        ]  # fmt: skip
        if names:
            raise DeviceError(
                f"nlp.pipe: expected n_process=1 where {', '.join(names)} uses the GPU already, "
                "which a forked process cannot; leave n_process out (one process keeps a GPU "
                "busy), call multiprocessing.set_start_method('spawn'), or set device='cpu'"
            )


def _forking_pipeline() -> Any:
    """The Language object whose pipe() is starting a process, None where none is."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__") == "spacy.language":
            return frame.f_locals.get("self")
        frame = frame.f_back  # type: ignore[assignment]
    return None
