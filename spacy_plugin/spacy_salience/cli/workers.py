"""Worker processes that end when a command does, and are missed when they end before.

spaCy's own nlp.pipe(n_process=...) waits for a worker that was killed, for good.
"""

import signal
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children
from typing import Any, NamedTuple

from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from salience.errors import SalienceError, WorkerError

BATCH = 256
"""Texts that a worker is given at once."""


class Batch(NamedTuple):
    """Texts on their way through a worker, and the number of the first, from 1."""

    first: int
    texts: list[str]
    result: Future[list[bytes]]


def piped(nlp: Language, texts: Iterable[str], processes: int) -> Generator[Doc, None, None]:
    """Yield what nlp.pipe does, in this many processes.

    Where texts end in an error, it is raised after the last document. Where a worker
    ends without a word, the texts that are under way are read once more, each batch alone.

    Raises WorkerError, which names the documents, where a worker ends on them again.
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
    """Processes that read batches of texts, replaced when one of them is lost."""

    def __init__(self, nlp: Language, processes: int) -> None:
        self._nlp, self._processes = nlp, processes
        self._pool = self._start(processes)

    def results(self, texts: Iterable[str]) -> Iterator[bytes]:
        """Yield each text's Doc as bytes, in order."""
        under_way: deque[Batch] = deque()
        first, texts = 1, iter(texts)
        while part := list(islice(texts, BATCH)):
            under_way.append(Batch(first, part, self._submit(part)))
            first += len(part)
            if len(under_way) > 2 * self._processes:
                yield from self._content(under_way.popleft())
        while under_way:
            yield from self._content(under_way.popleft())

    def end(self) -> None:
        """End all processes, whatever they do."""
        for worker in active_children():
            worker.terminate()
        self._pool.shutdown(cancel_futures=True)

    def _start(self, processes: int) -> ProcessPoolExecutor:
        given = self._nlp, Underscore.get_state()
        return ProcessPoolExecutor(processes, initializer=_begin, initargs=given)

    def _submit(self, texts: list[str]) -> Future[list[bytes]]:
        try:
            return self._pool.submit(_read, texts)
        except BrokenProcessPool:
            self._pool.shutdown()
            self._pool = self._start(self._processes)
            return self._pool.submit(_read, texts)

    def _content(self, batch: Batch) -> list[bytes]:
        try:
            return batch.result.result()
        except BrokenProcessPool:
            return self._read_alone(batch)

    def _read_alone(self, batch: Batch) -> list[bytes]:
        """Read a batch that was lost in a process of its own: so it is known if it ends that."""
        with self._start(1) as alone:
            try:
                return alone.submit(_read, batch.texts).result()
            except BrokenProcessPool as error:
                last = batch.first + len(batch.texts) - 1
                raise WorkerError(
                    f"documents {batch.first} to {last}: expected their worker process to read "
                    "them, but it ended twice without a word: it was killed, such as for the "
                    "memory it used, or crashed. Try --processes 1, or shorter documents"
                ) from error


class _Here:
    """The pipeline of a worker process."""

    nlp: Language


def _begin(nlp: Language, extensions: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends the command, which ends these
    Underscore.load_state(extensions)
    _Here.nlp = nlp


def _read(texts: list[str]) -> list[bytes]:
    return [doc.to_bytes() for doc in _Here.nlp.pipe(texts)]


def _up_to_a_fault(texts: Iterable[str], faults: list[SalienceError]) -> Iterator[str]:
    try:
        yield from texts
    except SalienceError as error:
        faults.append(error)
