"""The engine on dask.distributed."""

from multiprocessing import resource_tracker
from typing import Any
from uuid import uuid4

from salience.errors import RangeError

from ...packages import optional
from ..jobs import jobs_of
from ..worker import Answer, Order
from ..workers import without_interrupts
from .cluster import Cluster
from .task import Task, answered

SECONDS_FOR_WORKERS = 120
"""How long a cluster may take until it has its first worker."""

HERE = "127.0.0.1:0"
"""Where a scheduler that is started here has its status page: on a free port of this machine."""


class DaskCluster(Cluster):
    """Workers of Dask: of a scheduler's address, of this process's client, or started here.

    A chunk in hand for each job, or for each worker that there is at the beginning. Raises
    RangeError where there is no scheduler or no worker, and MissingPackageError.
    """

    def __init__(self, order: Order, jobs: int | None, address: str | None) -> None:
        install = "pip install 'salience[dask]'"
        self._distributed = optional("distributed", "the engine dask", install)
        self.deaths = (self._distributed.KilledWorker,)
        super().__init__(order)
        try:
            self._client = self._connected(jobs, address)
            self.at_once = jobs or self._workers()
        except BaseException:
            self._started.close()
            raise

    def send(self, task: Task) -> Any:
        """Submit the question under a name of its own, as it is never the same as another."""
        return self._client.submit(answered, task, key=f"salience-{uuid4()}", pure=False)

    def wait_for(self, sent: Any) -> Answer | Exception:
        """Wait for a future, and let go of it."""
        try:
            found: Answer | Exception = sent.result()
        finally:
            sent.release()
        return found

    def cancel(self, sent: Any) -> None:
        """Cancel a future; a worker at work on it goes on, and its result file is whole."""
        sent.cancel(force=True)

    def _connected(self, jobs: int | None, address: str | None) -> Any:
        settings = optional("dask", "the engine dask", "pip install 'salience[dask]'").config
        address = address or settings.get("scheduler-address", None)
        if address is None:
            try:
                return self._distributed.Client.current()
            except ValueError:
                address = self._local(settings, jobs_of(jobs))
        try:
            client = self._distributed.Client(address, set_as_default=False)
        except OSError as error:
            raise RangeError(
                f"address: expected that of a Dask scheduler, but {address!s:.100} cannot be "
                f"reached ({error!s:.100}); start one by `dask scheduler`, or leave the address "
                "out for workers on this machine"
            ) from error
        self._at_the_end(client.close)
        return client

    def _local(self, settings: Any, workers: int) -> Any:
        """Start worker processes here, which Ctrl-C leaves alone, as in runs/workers.py.

        The first death of one is told, as runs/deaths.py counts them.
        """
        resource_tracker.ensure_running()  # whose start would let interrupts through again
        with settings.set({"distributed.scheduler.allowed-failures": 0}), without_interrupts():
            cluster = self._distributed.LocalCluster(
                n_workers=workers, threads_per_worker=1, memory_limit=0, dashboard_address=HERE
            )
        self._at_the_end(cluster.close)
        return cluster

    def _workers(self) -> int:
        try:
            self._client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
        except TimeoutError as error:
            raise RangeError(
                "address: expected a Dask scheduler with workers, got one without any for "
                f"{SECONDS_FOR_WORKERS} s; start some by `dask worker ADDRESS --nthreads 1`"
            ) from error
        return len(self._client.nthreads())
