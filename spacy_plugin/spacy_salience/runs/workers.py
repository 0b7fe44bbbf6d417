"""Worker processes on this machine: started when first needed, replaced when they have died.

Each has a connection of its own, whose other end no other process has open, so that its death
is noticed (as in cli/workers.py, whose processes are forked and answer with Docs). On Linux they
are forked by a server that has imported what they need, and no threads of anybody else's.
"""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import forkserver, get_context
from queue import SimpleQueue
from threading import Lock
from typing import Any

from salience.errors import WorkerError

from .deaths import Died
from .worker import Answer, Order, Wanted, serve

IS_FORKED = sys.platform == "linux"


def prepare() -> None:
    """Have the server import what workers need, while this process does something else."""
    if IS_FORKED:
        with without_interrupts():
            get_context("forkserver").set_forkserver_preload([serve.__module__, "pyarrow.parquet"])
            forkserver.ensure_running()


class Workers:
    """An engine: `at_once` processes that answer, each one question at a time."""

    def __init__(self, order: Order, jobs: int) -> None:
        self._order, self.at_once = order, jobs
        self._free: SimpleQueue[_Worker | None] = SimpleQueue()
        self._all: list[_Worker] = []
        self._lock, self._ended = Lock(), False
        for _ in range(jobs):
            self._free.put(None)

    def ask(self, wanted: Wanted) -> Answer:
        """Have a worker answer; called in any thread.

        Raises Died where the worker ends before that, WorkerError where it cannot load the
        pipeline, and what worker.answer raises.
        """
        worker = self._free.get()
        try:
            worker = worker or self._new()
            found = worker.ask(wanted)
        except (EOFError, OSError) as error:
            if worker is not None:
                worker.end()
            worker = None
            if self._ended:
                raise WorkerError("the worker process was ended, with a chunk in hand") from error
            raise Died from error
        finally:
            self._free.put(worker)
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """End all processes, also those at work."""
        with self._lock:
            self._ended = True
        for worker in self._all:
            worker.end()

    def _new(self) -> "_Worker":
        with self._lock:
            if self._ended:
                raise EOFError
            worker = _Worker(self._order)
            self._all = [each for each in self._all if each.is_alive()] + [worker]
        try:
            found = worker.wait()
        except (EOFError, OSError) as error:
            raise WorkerError(
                "expected a worker process to load the pipeline, but it ended: it crashed, or was "
                "killed, such as for the memory it uses. What is done stays: free memory, or give "
                "fewer --jobs, and run the command again; a script calls run below "
                'if __name__ == "__main__":'
            ) from error
        if isinstance(found, Exception):
            raise WorkerError(str(found)) from found
        return worker


class _Worker:
    """A process that does one thing at a time."""

    def __init__(self, order: Order) -> None:
        context: Any = get_context("forkserver" if IS_FORKED else "spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, order), daemon=True)
        with without_interrupts():
            self._process.start()
        theirs.close()  # so that recv raises when the worker has ended

    def ask(self, wanted: Wanted) -> Answer | Exception:
        """Return the answer; EOFError or OSError where the process has ended."""
        self._connection.send(wanted)
        return self.wait()

    def wait(self) -> Answer | Exception:
        """Return what the process says; None comes first, when the pipeline is loaded."""
        found: Answer | Exception = self._connection.recv()
        return found

    def is_alive(self) -> bool:
        """Say whether the process has not ended."""
        return bool(self._process.is_alive())

    def end(self) -> None:
        """End the process, also while it is at work."""
        self._process.terminate()
        self._process.join()
        self._connection.close()


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Hold SIGINT back from this thread, and from the process that it starts."""
    if os.name == "nt":
        yield
        return
    mask: Any = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
