"""The seam between a run and what does its work: processes here, or a cluster."""

from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Protocol

from .chunks import Chunk
from .deaths import complete
from .process import Counts
from .worker import Answer, Wanted

SECONDS = 1.0
"""How long is waited for a chunk at most before the progress is looked after."""


class Engine(Protocol):
    """Workers that have the pipeline loaded and write result files in the folder of results."""

    @property
    def at_once(self) -> int:
        """How many questions can be asked at the same time."""

    def ask(self, wanted: Wanted) -> Answer:
        """Have a worker call worker.answer, and return or raise what that does.

        It is called in `at_once` threads. Raises deaths.Died where the worker ends before it
        answers: another one has its place then.
        """

    def close(self) -> None:
        """End all workers; what was asked and not answered raises any error but Died."""


def completed(engine: Engine, chunks: Iterable[Chunk]) -> Iterator[Counts | None]:
    """Have chunks completed, and yield the counts of each, in the order that they end in.

    It yields None when a second has gone by without any. When it is closed, or a chunk cannot
    be completed, those at work are waited for; by a KeyboardInterrupt they are ended. Raises
    what deaths.complete raises.
    """
    threads = ThreadPoolExecutor(engine.at_once)
    in_hand: set[Future[Counts]] = set()
    try:
        for chunk in chunks:
            in_hand.add(threads.submit(complete, chunk, engine.ask))
            while len(in_hand) > engine.at_once:  # one waits, so that no worker does
                yield from _ended(in_hand)
        while in_hand:
            yield from _ended(in_hand)
    except KeyboardInterrupt:
        engine.close()
        raise
    finally:
        threads.shutdown(cancel_futures=True)


def _ended(in_hand: set[Future[Counts]]) -> Iterator[Counts | None]:
    """Wait for one or more, take them out of the set, and yield their counts."""
    done, _ = wait(in_hand, SECONDS, FIRST_COMPLETED)
    in_hand -= done
    yield from (each.result() for each in done)
    if not done:
        yield None
