"""How many worker processes a run has."""

from salience import cores, room
from salience.errors import RangeError

MEMORY_OF_A_JOB = 1_000_000_000
"""Bytes that a worker process may take: spaCy, the model, and 300 MB of documents."""


def jobs_of(wanted: int | None) -> int:
    """Return how many jobs to run: those that are wanted, or one a core where memory is enough.

    Raises RangeError where fewer than one are wanted.
    """
    if wanted is not None:
        if wanted < 1:
            raise RangeError(
                f"jobs: expected at least 1, got {wanted}; leave it out for one a core"
            )
        return wanted
    count, _ = cores.usable()
    free = room.free()
    return count if free is None else max(1, min(count, free // MEMORY_OF_A_JOB))
