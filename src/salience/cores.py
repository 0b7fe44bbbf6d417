"""How many cores this process may use: those it is let run on, and its container's quota.

A quota is CPU time by time that goes by, of Linux's control groups: cpu.max of
version 2, cpu.cfs_quota_us and cpu.cfs_period_us of version 1. A part of a core
counts as one, as for joblib.
"""

import math
import os
from functools import cache
from pathlib import Path

from .control_groups import groups_of, lines_of


def usable() -> tuple[int, bool]:
    """Return the number of cores, and whether it is the quota that makes them so few."""
    cores, most = allowed(), quota()
    if most is None or (count := max(1, math.ceil(most))) >= cores:
        return cores, False
    return count, True


def allowed() -> int:
    """Return how many cores this process is let run on."""
    if hasattr(os, "process_cpu_count"):  # from Python 3.13, which can be told
        return os.process_cpu_count() or 1
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@cache
def quota(system: str = "/") -> float | None:
    """Return the smallest quota in cores, None where there is none; as it was when first asked.

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
