"""How much memory is free, so that what does not fit is refused before the process is killed."""

import os
from pathlib import Path

from .control_groups import groups_of, lines_of

_LIMITS = {1: "memory.limit_in_bytes", 2: "memory.max"}
"""The file with the limit of a control group, by its version."""


def free(system: str = "/") -> int | None:
    """Return about how many bytes a process may still take; None where the system does not say.

    system: the folder that proc is in.
    """
    root = Path(system)
    known = [_of_system(root / "proc/meminfo")]
    known += [_limit(folder / _LIMITS[version]) for folder, version in groups_of("memory", root)]
    return min((size for size in known if size is not None), default=None)


def _of_system(meminfo: Path) -> int | None:
    rows = dict(line.split(":", 1) for line in lines_of(meminfo) if ":" in line)
    try:
        return sum(int(rows[name].split()[0]) * 1024 for name in ("MemAvailable", "SwapFree"))
    except (IndexError, KeyError, ValueError):
        return _of_machine()


def _of_machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _limit(path: Path) -> int | None:
    # Memory in use is not subtracted: much of it is cached files, which can be dropped.
    try:
        return int("".join(lines_of(path)))
    except ValueError:  # "max", or nothing
        return None
