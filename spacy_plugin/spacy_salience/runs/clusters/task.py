"""What a worker of a cluster is sent, and what it does with that."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from socket import gethostname
from typing import Any

from spacy.util import get_installed_models

from salience import __version__
from salience.errors import WorkerError
from salience.model import pretrained
from salience.threads import ENVIRONMENT_VARIABLE, limited_to

from ..loaded import lent
from ..loading import Named, described
from ..worker import Answer, Order, Wanted, answer, portable


class Task:
    """A question, and all that a worker process needs to answer it.

    It is no dataclass: Dask and Ray leave it alone, and show nothing of its texts.
    """

    def __init__(self, order: Order, pipeline: Mapping[str, Any], wanted: Wanted) -> None:
        self.order, self.pipeline, self.wanted = order, pipeline, wanted
        self.version = __version__


def answered(task: Task) -> Answer | Exception:
    """Answer in a worker process; errors are returned, as a cluster logs those that are raised."""
    # A worker is given one core; Ray's do not look like worker processes to salience.threads.
    threads = None if os.environ.get(ENVIRONMENT_VARIABLE) else 1
    try:
        with limited_to(threads):
            _check_same(task)
            with lent(task.order.named) as nlp, warnings.catch_warnings():
                warnings.simplefilter("ignore")  # they may quote texts
                return answer(nlp, task.order, task.wanted)
    except Exception as error:
        return portable(error)


def placed(order: Order) -> Order:
    """Return the order with whole paths, as workers are in other folders."""
    named = order.named
    whole = named._replace(pipeline=_whole(named.pipeline), code=_whole(named.code))
    return replace(order, out=order.out.resolve(), named=whole)


def _whole(path: str | None) -> str | None:
    """A whole path where there is one of this name; other names as they are."""
    if path is None or path in (*pretrained.names(), *get_installed_models()):
        return path
    return str(Path(path).resolve()) if Path(path).exists() else path


@lru_cache(maxsize=2)
def pipeline_here(named: Named) -> Mapping[str, Any]:
    """Return what `described` says of the pipeline that has this name on this machine."""
    with lent(named) as nlp:
        return described(nlp, named)


def _check_same(task: Task) -> None:
    """Raise WorkerError where this machine has another pipeline or salience than the driver."""
    here, there = pipeline_here(task.order.named), task.pipeline
    differing = [name for name in there if here.get(name) != there[name]]
    differing += ["salience"] if task.version != __version__ else []
    if differing:
        raise WorkerError(
            f"{gethostname()}: expected a worker with the same pipeline as where the command was "
            f"given, got one that differs in {', '.join(differing)}; install the same versions, "
            "and name a pipeline's folder on a shared disk"
        )
