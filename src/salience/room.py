"""How much memory is free, so that what cannot fit is refused, and the process not killed."""

import os
from pathlib import Path

from .control_groups import groups_of, lines_of

_LIMITS = {1: "memory.limit_in_bytes", 2: "memory.max"}
"""Where Linux's control groups say what they may take at most, by their version."""


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
    # Not less what is in use, of which files that were read can be given up.
    try:
        return int("".join(lines_of(path)))
    except ValueError:  # "max", or nothing
        return None
