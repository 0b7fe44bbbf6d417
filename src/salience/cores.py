"""How many cores this process may use, by its CPU affinity and its container's quota.

A quota is CPU time per elapsed time. Linux's control groups state it: cpu.max in
version 2, cpu.cfs_quota_us and cpu.cfs_period_us in version 1. A fraction of a core
counts as a core, as in joblib.
"""

import math
import os
from functools import cache
from pathlib import Path

from .control_groups import groups_of, lines_of


def usable() -> tuple[int, bool]:
    """Return the number of cores, and whether the quota limits it."""
    cores, most = allowed(), quota()
    if most is None or (count := max(1, math.ceil(most))) >= cores:
        return cores, False
    return count, True


def allowed() -> int:
    """Return how many cores this process's CPU affinity allows."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13, whose -X cpu_count sets it
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def quota(system: str = "/") -> float | None:
    """Return the smallest quota in cores, None where there is none; it is read once.

    system: the folder that proc is in.
    """
    found = [cores for folder, version in groups_of("cpu", Path(system))
             if (cores := _cores(folder, version)) is not None]  # fmt: skip
    return min(found, default=None)


def _cores(folder: Path, version: int) -> float | None:
    if version == 2:
        numbers = " ".join(lines_of(folder / "cpu.max")).split()
    else:
        names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
        numbers = [line for name in names for line in lines_of(folder / name)]
    try:
        time, period = map(int, numbers)
    except ValueError:  # "max", or nothing
        return None
    return time / period if time > 0 and period > 0 else None
