"""Documents over threads.

Kernels release the GIL, so plain Python threads run them side by side. There
is one level of threads: a task is a slice of documents, and a task that calls
run() itself is served serially. Results do not depend on the number of threads.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from .checks import at_least
from .errors import RangeError
from .types import Ints

Item = TypeVar("Item")

RUN = 2048
"""Tokens that are worth a task of their own."""

MOST_RUNS = 32

ENVIRONMENT_VARIABLE = "SALIENCE_NUM_THREADS"


class _State:
    """The pool, made on first use, and the number of threads that was asked for."""

    lock = threading.Lock()
    pool: ThreadPoolExecutor | None = None
    size = 0
    asked: int | None = None
    inside = threading.local()


def set_num_threads(count: int) -> None:
    """Set how many threads share the documents of a batch, in this process.

    Raises RangeError where count is not a whole number of at least 1.
    """
    count = at_least("set_num_threads", "count", count, 1)
    with _State.lock:
        # A pool that nobody refers to any more ends by itself, after its tasks.
        _State.asked, _State.pool = count, None


def get_num_threads() -> int:
    """Return the number of threads a batch is shared among.

    It is what set_num_threads was given, else SALIENCE_NUM_THREADS, else 1 in
    a worker process and the number of usable cores elsewhere.
    """
    return _State.asked or _from_environment() or _default()


def run(task: Callable[[Item], None], items: Sequence[Item]) -> None:
    """Call task(item) for every item and return when all are done.

    The first exception of a task is raised here. On one thread it ends the
    run; on several, the other tasks end first.
    """
    count = get_num_threads()
    if count == 1 or len(items) < 2 or getattr(_State.inside, "task", False):
        for item in items:
            task(item)
        return
    pool = _pool(count)
    futures = [_submit(pool, task, item) for item in items]
    errors = [future.exception() for future in futures]
    for error in errors:
        if error is not None:
            raise error


class Run(NamedTuple):
    """Neighbouring documents, of which one thread makes one task.

    number counts the runs; documents are theirs; starts [n + 1] are where they
    begin in the rows of the whole batch.
    """

    number: int
    documents: slice
    starts: Ints


def slices(rows: int) -> list[slice]:
    """Divide rows that have nothing to do with each other, as runs divides documents."""
    count = _count(rows)
    ends = [rows * number // count for number in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(ends)]


def runs(starts: Ints) -> list[Run]:
    """Divide a batch into runs of about the same number of tokens.

    How, depends on the batch alone and not on the number of threads: so sums
    over runs have the same bits on any number of them.
    """
    tokens = int(starts[-1])
    count = _count(tokens)
    inner = np.searchsorted(starts, [tokens * number // count for number in range(1, count)])
    ends = [0, *sorted({int(end) for end in inner} - {0, len(starts) - 1}), len(starts) - 1]
    return [
        Run(number, slice(first, last), starts[first : last + 1])
        for number, (first, last) in enumerate(pairwise(ends))
    ]


def _count(tokens: int) -> int:
    return min(max(1, -(-tokens // RUN)), MOST_RUNS)


def _submit(pool: ThreadPoolExecutor, task: Callable[[Item], None], item: Item) -> "Future[None]":
    try:
        return pool.submit(_flagged, task, item)
    except RuntimeError:  # at the interpreter's exit no pool takes tasks any more
        done: Future[None] = Future()
        try:
            task(item)
            done.set_result(None)
        except Exception as error:
            done.set_exception(error)
        return done


def _flagged(task: Callable[[Item], None], item: Item) -> None:
    _State.inside.task = True
    task(item)


def _pool(count: int) -> ThreadPoolExecutor:
    with _State.lock:
        if _State.pool is None or _State.size != count:
            _State.size = count
            _State.pool = ThreadPoolExecutor(count, thread_name_prefix="salience")
        return _State.pool


def _from_environment() -> int | None:
    text = os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise RangeError(f"{ENVIRONMENT_VARIABLE}: expected a whole number >= 1, got {text!r}")
    return int(text)


def _default() -> int:
    if multiprocessing.parent_process() is not None:
        return 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _forget_after_fork() -> None:
    # The child has a copy of the pool but none of its threads, and the lock
    # may have been held by one of them.
    _State.lock = threading.Lock()
    _State.pool = None
    _State.inside = threading.local()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
