"""How many cores this process may use: those it is let run on, and its container's quota.

A quota is CPU time by time that goes by, of Linux's control groups, of which a
process is in one and in all above: cpu.max of version 2, cpu.cfs_quota_us and
cpu.cfs_period_us of version 1. A part of a core counts as one, as for joblib.
"""

import math
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class Mount(NamedTuple):
    """A file system of control groups: which part of it is where, of which version."""

    root: PurePosixPath
    point: str
    version: int


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
    found = [cores for folder, version in _groups(Path(system))
             if (cores := _cores(folder, version)) is not None]  # fmt: skip
    return min(found, default=None)


def _groups(system: Path) -> Iterator[tuple[Path, int]]:
    """The folders of this process's groups, and of those above, as far as they can be seen."""
    own = dict(_own(_lines(system / "proc/self/cgroup")))
    for mount in _mounts(_lines(system / "proc/self/mountinfo")):
        if mount.version not in own:
            continue
        top = system / mount.point.lstrip("/")
        inside = _inside(own[mount.version], mount.root)
        for folder in (inside, *inside.parents):
            yield top / folder, mount.version


def _own(lines: list[str]) -> Iterator[tuple[int, PurePosixPath]]:
    """The group of this process in each version."""
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield 2, PurePosixPath(path)
        elif "cpu" in controllers.split(","):
            yield 1, PurePosixPath(path)


def _mounts(lines: list[str]) -> Iterator[Mount]:
    for line in lines:
        here, _, there = (part.split() for part in line.partition(" - "))
        if len(here) < 5 or not there:
            continue
        root, point = map(_unescaped, here[3:5])
        if there[0] == "cgroup2":
            yield Mount(PurePosixPath(root), point, 2)
        elif there[0] == "cgroup" and "cpu" in there[-1].split(","):
            yield Mount(PurePosixPath(root), point, 1)


def _inside(group: PurePosixPath, root: PurePosixPath) -> PurePosixPath:
    """A group's path below a mount; the mount itself where the group is not below it."""
    inside = group.relative_to(root) if group.is_relative_to(root) else PurePosixPath()
    return PurePosixPath() if ".." in inside.parts else inside


def _cores(folder: Path, version: int) -> float | None:
    if version == 2:
        numbers = " ".join(_lines(folder / "cpu.max")).split()
    else:
        names = "cpu.cfs_quota_us", "cpu.cfs_period_us"
        numbers = [line for name in names for line in _lines(folder / name)]
    try:
        time, period = map(int, numbers)
    except ValueError:  # "max", or nothing
        return None
    return time / period if time > 0 and period > 0 else None


def _unescaped(path: str) -> str:
    """A path of mountinfo, where a space is a backslash and its number in octal."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []
