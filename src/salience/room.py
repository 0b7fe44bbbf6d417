"""How much memory is free, so that what cannot fit is refused, and the process not killed."""

import os
from pathlib import Path

_SYSTEM = Path("/proc/meminfo")
_GROUPS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
"""Where Linux says what a container may take at most, in its two versions."""


def free() -> int | None:
    """Return about how many bytes a process may still take; None where the system does not say."""
    known = [_of_system(), *map(_of_group, _GROUPS)]
    return min((size for size in known if size is not None), default=None)


def _of_system() -> int | None:
    try:
        rows = dict(line.split(":", 1) for line in _SYSTEM.read_text().splitlines() if ":" in line)
        return sum(int(rows[name].split()[0]) * 1024 for name in ("MemAvailable", "SwapFree"))
    except (OSError, KeyError, ValueError):
        return _of_machine()


def _of_machine() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_group(limit: Path) -> int | None:
    # Not less what is in use, of which files that were read can be given up.
    try:
        return int(limit.read_text())
    except (OSError, ValueError):  # "max"
        return None
