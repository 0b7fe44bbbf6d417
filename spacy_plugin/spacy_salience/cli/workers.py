"""Worker processes that end with their command, and whose crashes are noticed.

spaCy's own nlp.pipe(n_process=...) waits forever for a worker that was killed, and so does
a pool of the standard library if it was killed while it sent a result. Here each worker
has a connection of its own, whose other end no other process has open.
"""

import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from multiprocessing import Pipe, Process
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import Lock
from typing import Any, TypeAlias

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from salience.errors import SalienceError, WorkerError

Result: TypeAlias = list[bytes] | Exception
"""The Docs of a batch as bytes, or the error that processing it raised."""

TEXTS_AT_ONCE = 256
"""Texts of a batch."""


def piped(nlp: Language, texts: Iterable[str], processes: int) -> Generator[Doc, None, None]:
    """Yield Docs as nlp.pipe does, computed in this many processes.

    An error from `texts` is raised after the last document. Where a worker crashes,
    another one gets its batch.

    Raises WorkerError, which names the documents, where that one crashes too.
    """
    if processes == 1:
        yield from nlp.pipe(texts)
        return
    faults: list[SalienceError] = []
    workers = _Workers(nlp, processes)
    try:
        for content in workers.results(_up_to_a_fault(texts, faults)):
            yield Doc(nlp.vocab).from_bytes(content)
    finally:
        workers.end()
    if faults:
        raise faults[0]


class _Workers:
    """Worker processes, and for each of them a thread that waits for its results."""

    def __init__(self, nlp: Language, processes: int) -> None:
        self._nlp, self._processes = nlp, processes
        self._free: SimpleQueue[_Worker] = SimpleQueue()
        self._all = [_Worker(nlp) for _ in range(processes)]
        self._threads = ThreadPoolExecutor(processes)
        # One is started at a time: a second process would inherit the end of the first.
        self._starting, self._ended = Lock(), False
        for worker in self._all:
            self._free.put(worker)

    def results(self, texts: Iterable[str]) -> Iterator[bytes]:
        """Yield each text's Doc as bytes, in order."""
        under_way: deque[Future[Result]] = deque()
        first, texts = 1, iter(texts)
        while batch := list(islice(texts, TEXTS_AT_ONCE)):
            under_way.append(self._threads.submit(self._read, first, batch))
            first += len(batch)
            if len(under_way) > 2 * self._processes:
                yield from _content(under_way.popleft())
        while under_way:
            yield from _content(under_way.popleft())

    def end(self) -> None:
        """End all processes, also those at work, and the threads that wait for them."""
        with self._starting:
            self._ended = True
        for worker in self._all:
            worker.end()
        self._threads.shutdown(cancel_futures=True)

    def _read(self, first: int, texts: list[str]) -> Result:
        worker = self._free.get()
        try:
            try:
                return worker.read(texts)
            except (EOFError, OSError):
                worker = self._another(worker)
                return worker.read(texts)
        except (EOFError, OSError) as error:
            last = first + len(texts) - 1
            raise WorkerError(
                f"documents {first} to {last}: expected their worker process to read them, but it "
                "ended twice: it crashed, or was killed, such as for the memory it used. Try "
                "--processes 1, or shorter documents"
            ) from error
        finally:
            self._free.put(worker)

    def _another(self, lost: "_Worker") -> "_Worker":
        with self._starting:
            if self._ended:
                raise EOFError
            lost.end()
            worker = _Worker(self._nlp)
            self._all[self._all.index(lost)] = worker
            return worker


class _Worker:
    """A process that reads one batch of texts at a time."""

    def __init__(self, nlp: Language) -> None:
        self._connection, theirs = Pipe()
        given = theirs, nlp, Underscore.get_state()
        self._process = Process(target=_serve, args=given, daemon=True)
        self._process.start()
        theirs.close()  # so that recv raises when the worker has ended

    def read(self, texts: list[str]) -> Result:
        """Return the texts' Docs, or the error they raise; EOFError or OSError if it has ended."""
        self._connection.send(texts)
        result: Result = self._connection.recv()
        return result

    def end(self) -> None:
        """End the process, also while it is at work."""
        self._process.terminate()
        self._process.join()


def _content(future: Future[Result]) -> list[bytes]:
    result = future.result()
    if isinstance(result, Exception):
        raise result
    return result


def _serve(connection: Connection, nlp: Language, extensions: Any) -> None:
    """Read batches until the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the command, which ends these
    Underscore.load_state(extensions)
    with suppress(EOFError, OSError):
        while True:
            texts = connection.recv()
            try:
                result: Any = [doc.to_bytes() for doc in nlp.pipe(texts)]
            except Exception as error:
                result = error
            connection.send(result)


def _up_to_a_fault(texts: Iterable[str], faults: list[SalienceError]) -> Iterator[str]:
    try:
        yield from texts
    except SalienceError as error:
        faults.append(error)
