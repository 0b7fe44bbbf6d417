"""Linux's control groups (cgroups): the folders that state a container's limits.

A process is in one group of each version and in all groups above it; each of
them may limit CPU time and memory.
"""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import NamedTuple


class Mount(NamedTuple):
    """A mounted file system of groups: the group at its root, its mount point, its version."""

    root: PurePosixPath
    point: str
    version: int


def groups_of(controller: str, system: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folders of this process's groups and of those above, each with its version.

    Groups that are not mounted here are left out. controller: "cpu" or "memory".
    system: the folder that proc is in.
    """
    own = dict(_own(lines_of(system / "proc/self/cgroup"), controller))
    for mount in _mounts(lines_of(system / "proc/self/mountinfo"), controller):
        if mount.version not in own:
            continue
        top = system / mount.point.lstrip("/")
        inside = _inside(own[mount.version], mount.root)
        for folder in (inside, *inside.parents):
            yield top / folder, mount.version


def lines_of(path: Path) -> list[str]:
    """Return a file's lines; none where it cannot be read."""
    try:
        return path.read_text(errors="replace").splitlines()
    except OSError:
        return []


def _own(lines: list[str], controller: str) -> Iterator[tuple[int, PurePosixPath]]:
    """Yield this process's group in each version."""
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0" and not controllers:
            yield 2, PurePosixPath(path)
        elif controller in controllers.split(","):
            yield 1, PurePosixPath(path)


def _mounts(lines: list[str], controller: str) -> Iterator[Mount]:
    for line in lines:
        here, _, there = (fields.split() for fields in line.partition(" - "))
        if len(here) < 5 or not there:
            continue
        root, point = map(_unescaped, here[3:5])
        if there[0] == "cgroup2":
            yield Mount(PurePosixPath(root), point, 2)
        elif there[0] == "cgroup" and controller in there[-1].split(","):
            yield Mount(PurePosixPath(root), point, 1)


def _inside(group: PurePosixPath, root: PurePosixPath) -> PurePosixPath:
    """Return a group's path below a mount, which is empty where the group is not below it."""
    inside = group.relative_to(root) if group.is_relative_to(root) else PurePosixPath()
    return PurePosixPath() if ".." in inside.parts else inside


def _unescaped(path: str) -> str:
    """Return a path of mountinfo, where spaces are octal escapes, as it is."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)
