"""What the engines on clusters have in common."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from threading import Lock
from typing import Any

from salience.errors import WorkerError

from ..deaths import Died
from ..worker import Answer, Order, Wanted
from .task import Task, pipeline_here, placed


class Cluster(ABC):
    """An engine whose workers are those of a cluster.

    at_once: chunks that are in hand; the driver has no more of the texts in memory. deaths:
    errors by which the cluster says that a worker has ended.
    """

    at_once: int
    deaths: tuple[type[Exception], ...]

    def __init__(self, order: Order) -> None:
        self._order = placed(order)
        self._pipeline = pipeline_here(self._order.named)
        self._in_hand = set[Any]()
        self._lock, self._ended = Lock(), False
        self._started = ExitStack()

    @abstractmethod
    def send(self, task: Task) -> Any:
        """Have a worker call `answered`, and return what its answer is waited for by."""

    @abstractmethod
    def wait_for(self, sent: Any) -> Answer | Exception:
        """Return the answer; raises one of `deaths` where the worker has ended."""

    @abstractmethod
    def cancel(self, sent: Any) -> None:
        """End the work on what was sent."""

    def ask(self, wanted: Wanted) -> Answer:
        """Have a worker answer; called in any thread.

        Raises Died where the worker ends before that, WorkerError where the cluster does, and
        what worker.answer raises.
        """
        sent = None
        try:
            with self._lock:
                if self._ended:
                    raise WorkerError("the cluster was left")
                sent = self.send(Task(self._order, self._pipeline, wanted))
                self._in_hand.add(sent)
            found = self.wait_for(sent)
        except Exception as error:
            raise self._meaning(error) from error
        finally:
            self._in_hand.discard(sent)
        if isinstance(found, Exception):
            raise found
        return found

    def close(self) -> None:
        """End the work in hand, leave the cluster, and end it if it was started here."""
        with self._lock:
            self._ended, left = True, list(self._in_hand)
        for sent in left:
            self.cancel(sent)
        self._started.close()

    def _meaning(self, error: Exception) -> Exception:
        if self._ended:
            return WorkerError("the cluster was left, with a chunk in hand")
        if isinstance(error, self.deaths):
            return Died()
        return WorkerError(
            "expected the cluster to do a chunk, but it failed: "
            f"{type(error).__name__}: {error!s:.300}; what is done stays, and the same command "
            "goes on"
        )

    def _at_the_end(self, call: Callable[[], object]) -> None:
        self._started.callback(call)
