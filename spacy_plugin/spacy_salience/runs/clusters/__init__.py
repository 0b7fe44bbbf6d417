"""Engines on clusters: Dask's and Ray's workers have the pipeline loaded and write the results.

A worker writes its result files itself, to a folder that all machines share, whole or not at
all; so a chunk that two workers come to write, as the first one was taken for lost, is the same
file twice.
"""

from collections.abc import Callable
from enum import Enum

from ..worker import Order
from .cluster import Cluster
from .dask import DaskCluster
from .ray import RayCluster


class EngineName(str, Enum):
    """What does the work: worker processes on this machine, or those of a cluster."""

    processes = "processes"
    dask = "dask"
    ray = "ray"


CLUSTERS: dict[EngineName, Callable[[Order, int | None, str | None], Cluster]] = {
    EngineName.dask: DaskCluster,
    EngineName.ray: RayCluster,
}
"""What starts, or connects to, a cluster of each kind: with an order, jobs and an address."""

__all__ = ["CLUSTERS", "EngineName"]
