"""The engine on Ray."""

import logging
import os
import socket
from typing import Any

from salience.errors import RangeError

from ...packages import optional
from ..jobs import jobs_of
from ..worker import Answer, Order
from .cluster import Cluster
from .task import Task, answered

SECONDS_TO_REACH = 10
"""How long an address may take to answer; Ray itself would try for minutes."""


class RayCluster(Cluster):
    """Workers of Ray: of a cluster's address, of what this process is connected to, or own ones.

    A task takes one CPU; a chunk in hand for each job, or for each CPU of the cluster. Raises
    RangeError where there is no cluster, and MissingPackageError.
    """

    def __init__(self, order: Order, jobs: int | None, address: str | None) -> None:
        self._ray = ray = optional("ray", "the engine ray", "pip install 'salience[ray]'")
        of = ray.exceptions
        self.deaths = (of.WorkerCrashedError, of.OutOfMemoryError, of.NodeDiedError)
        super().__init__(order)
        if not ray.is_initialized():
            self._connect(jobs, address or os.environ.get("RAY_ADDRESS") or "local")
            self._at_the_end(ray.shutdown)
        self.at_once = jobs or max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._answered = ray.remote(num_cpus=1, max_retries=0)(answered)

    def send(self, task: Task) -> Any:
        """Submit the question; a worker that dies of it is told, not replaced by Ray."""
        return self._answered.remote(task)

    def wait_for(self, sent: Any) -> Answer | Exception:
        """Wait for an object."""
        found: Answer | Exception = self._ray.get(sent)
        return found

    def cancel(self, sent: Any) -> None:
        """End the worker process that is at work on this."""
        self._ray.cancel(sent, force=True)

    def _connect(self, jobs: int | None, address: str) -> None:
        # Of a cluster that is started here, which otherwise reports itself over the network.
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.WARNING}
        if address == "local":
            options |= {"num_cpus": jobs_of(jobs), "include_dashboard": False}
        try:
            _reach(address)
            self._ray.init(address=address, **options)
        except OSError as error:
            raise RangeError(
                f"address: expected that of a Ray cluster, but {address!s:.100} cannot be reached "
                f"({error!s:.100}); start one by `ray start --head`, or leave the address out for "
                "workers on this machine"
            ) from error


def _reach(address: str) -> None:
    """Raise OSError where nothing listens at HOST:PORT; other addresses Ray looks up itself."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdecimal():
        socket.create_connection((host, int(port)), SECONDS_TO_REACH).close()
