"""Threads that share the documents, or rows, of a batch.

Kernels release the GIL, so that Python threads execute them in parallel. A task is
a run of documents or a slice of rows. Threads are not nested: where a task itself
calls run(), its items are done one after the other. Results do not depend on the
number of threads.
"""

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import pairwise
from typing import NamedTuple, TypeVar

import numpy as np

from . import cores
from .checks import at_least
from .errors import RangeError
from .types import Ints

Item = TypeVar("Item")

RUN = 2048
"""Tokens of a run, and rows of a slice: enough to be worth a task."""

MOST_RUNS = 32
"""Runs or slices that a batch is divided into at most."""

ENVIRONMENT_VARIABLE = "SALIENCE_NUM_THREADS"


class _State:
    """The pool, which is made on first use, and the number of threads that was set."""

    lock = threading.Lock()
    pool: ThreadPoolExecutor | None = None
    size = 0
    asked: int | None = None
    local = threading.local()


def set_num_threads(count: int) -> None:
    """Set how many threads share the documents of a batch, in this process.

    Raises RangeError where count is not a whole number of at least 1.
    """
    count = at_least("set_num_threads", "count", count, 1)
    with _State.lock:
        # A pool without references shuts down by itself, after its tasks.
        _State.asked, _State.pool = count, None


def get_num_threads() -> int:
    """Return the number of threads a batch is shared among.

    It is that of limited_to, else what set_num_threads was given, else
    SALIENCE_NUM_THREADS, else 1 in a worker process and the number of usable
    cores elsewhere, or the container's CPU quota where that is less.
    """
    limit: int | None = getattr(_State.local, "limit", None)
    return limit or _State.asked or _from_environment() or _default()


def decided_by() -> str:
    """Return what decided the number of threads, in words."""
    if getattr(_State.local, "limit", None):
        return "num_threads"
    if _State.asked:
        return "set_num_threads"
    if _from_environment():
        return ENVIRONMENT_VARIABLE
    if _is_worker():
        return "a worker process"
    return "CPU quota (cgroup)" if cores.usable()[1] else "usable cores"


@contextmanager
def limited_to(count: int | None) -> Iterator[None]:
    """Limit what the calling thread does inside to `count` threads; None changes nothing."""
    before = getattr(_State.local, "limit", None)
    _State.local.limit = before if count is None else count
    try:
        yield
    finally:
        _State.local.limit = before


def run(task: Callable[[Item], None], items: Sequence[Item]) -> None:
    """Call task(item) for every item and return when all are done.

    The calling thread takes items too. The first exception of a task is raised
    here: on one thread no further items are done, on several all others are.
    """
    # With a single item the number of threads is not looked up, which may take longer.
    count = min(get_num_threads(), len(items)) if len(items) > 1 else 1
    if count < 2 or getattr(_State.local, "task", False):
        for item in items:
            task(item)
        return
    shared = _Shared(len(items))

    def work() -> None:
        _State.local.task = True
        try:
            while (number := shared.take()) is not None:
                shared.do(task, number, items[number])
        finally:
            _State.local.task = False

    _start(work, count - 1)
    try:
        work()
        shared.wait()
    except BaseException:  # such as KeyboardInterrupt, which no task has caught
        shared.stop()
        raise
    if shared.errors:
        raise shared.worst()


class _Shared:
    """The items of one call of run(): those not taken yet, and how many are being done."""

    def __init__(self, items: int) -> None:
        self.errors: dict[int, BaseException] = {}
        self._numbers = iter(range(items))
        self._busy = 0
        self._idle = threading.Condition()

    def take(self) -> int | None:
        """Return the next item's number, None where there is none."""
        with self._idle:
            number = next(self._numbers, None)
            self._busy += number is not None
            return number

    def do(self, task: Callable[[Item], None], number: int, item: Item) -> None:
        """Call the task for an item that was taken, and keep its error."""
        try:
            task(item)
        except BaseException as error:
            self.errors[number] = error
            if not isinstance(error, Exception):
                self.stop()
        finally:
            with self._idle:
                self._busy -= 1
                self._idle.notify_all()

    def worst(self) -> BaseException:
        """Return an error such as KeyboardInterrupt, if any, else that of the first item."""
        ending = (e for e in self.errors.values() if not isinstance(e, Exception))
        return next(ending, self.errors[min(self.errors)])

    def stop(self) -> None:
        """Drop the items that no thread has taken yet."""
        with self._idle:
            self._numbers = iter(range(0))

    def wait(self) -> None:
        """Return when nothing is being done any more."""
        with self._idle:
            self._idle.wait_for(lambda: not self._busy)


class Run(NamedTuple):
    """Neighbouring whole documents that are one task.

    number: which of the batch's runs it is. documents: which documents of the
    batch. starts [n + 1]: where these n documents begin in the rows of the batch.
    """

    number: int
    documents: slice
    starts: Ints

    @property
    def rows(self) -> slice:
        """The documents' rows of the whole batch."""
        return slice(int(self.starts[0]), int(self.starts[-1]))


def slices(rows: int, size: int | None = None) -> list[slice]:
    """Divide independent rows into slices of about `size`, or RUN, as runs divides documents."""
    count = _count(rows, size or RUN)
    ends = [rows * number // count for number in range(count + 1)]
    return [slice(first, last) for first, last in pairwise(ends)]


def runs(starts: Ints, tokens: int | None = None) -> list[Run]:
    """Divide a batch into runs of about the same number of tokens, RUN where None.

    The runs depend on the batch alone, not on the number of threads: so sums over
    runs have the same bits on any number of threads.
    """
    rows = int(starts[-1])
    count = _count(rows, tokens or RUN)
    inner = np.searchsorted(starts, [rows * number // count for number in range(1, count)])
    ends = [0, *sorted({int(end) for end in inner} - {0, len(starts) - 1}), len(starts) - 1]
    return [
        Run(number, slice(first, last), starts[first : last + 1])
        for number, (first, last) in enumerate(pairwise(ends))
    ]


def _count(rows: int, tokens: int) -> int:
    return min(max(1, -(-rows // tokens)), MOST_RUNS)


def _start(work: Callable[[], None], count: int) -> None:
    # Where no more threads can be started, as at the interpreter's exit, the existing
    # ones do all the work: at least the calling thread.
    with suppress(RuntimeError):
        pool = _pool()
        for _ in range(count):
            pool.submit(work)


def _pool() -> ThreadPoolExecutor:
    size = max(1, get_num_threads() - 1)
    with _State.lock:
        if _State.pool is None or _State.size < size:
            _State.size = size
            _State.pool = ThreadPoolExecutor(size, thread_name_prefix="salience")
        return _State.pool


def _from_environment() -> int | None:
    text = os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise RangeError(f"{ENVIRONMENT_VARIABLE}: expected a whole number >= 1, got {text!r}")
    return int(text)


def _default() -> int:
    return 1 if _is_worker() else cores.usable()[0]


def _is_worker() -> bool:
    return multiprocessing.parent_process() is not None


def _forget_after_fork() -> None:
    # The child has a copy of the pool but none of its threads, and the lock
    # may have been held by one of them.
    _State.lock = threading.Lock()
    _State.pool = None
    _State.local.task = False


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_after_fork)
