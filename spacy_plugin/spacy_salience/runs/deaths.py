"""What becomes of a chunk whose worker dies: the documents that it dies of are looked for."""

from collections.abc import Callable
from typing import TypeAlias

from salience.errors import WorkerError

from .chunks import Chunk, name_of
from .failures import Failure
from .process import Counts, Work
from .rows import Row
from .worker import Answer, Wanted

TRIES = 2
"""How often a chunk, or a document, is given to a worker before it is held to be the reason."""

SEARCHES = 5
"""How often documents are looked for that end their worker, in one chunk."""

MOST_DEADLY = 20
"""Documents of a chunk that may end their worker. Where more do, the machine is the reason."""

REASON = "its worker process ended on it, twice: it crashed or was killed, as for memory"


class Died(Exception):  # noqa: N818  (a sign between two functions, which nobody else sees)
    """A worker ended before it answered."""


Ask: TypeAlias = Callable[[Wanted], Answer]
"""Has a worker answer; raises Died where the worker ends before that."""


def complete(chunk: Chunk, ask: Ask) -> Counts:
    """Have a chunk's result file written, and return its counts.

    Where a worker dies another one has the chunk. Where that dies too, the documents that end
    their worker are looked for by halves, and are failures.

    Raises WorkerError where workers go on dying, and what `ask` raises.
    """
    known: dict[int, Failure] = {}
    for search in range(SEARCHES):
        # After a search that found nothing, documents one by one need the least memory.
        work = Work(chunk, known, batch=1) if search and not known else Work(chunk, known)
        try:
            counts = _tried(ask, work)
        except Died:
            known |= _deadly(ask, chunk, known)
        else:
            assert counts is not None
            return counts
    raise _go_on_dying(chunk)


def _tried(ask: Ask, wanted: Wanted) -> Answer:
    for _ in range(TRIES - 1):
        try:
            return ask(wanted)
        except Died:
            pass
    return ask(wanted)


def _deadly(ask: Ask, chunk: Chunk, known: dict[int, Failure]) -> dict[int, Failure]:
    """Return the documents that end their worker, by their places, but the known ones."""
    found: dict[int, Failure] = {}
    left = [[place for place in range(len(chunk.rows)) if place not in known]]
    while left:
        places = left.pop()
        rows = [chunk.rows[place] for place in places]
        if not _is_deadly(ask, rows):
            continue
        if len(rows) > 1:
            half = len(places) // 2
            left += [places[half:], places[:half]]
            continue
        found[places[0]] = Failure(rows[0].id, WorkerError.__name__, REASON)
        if len(known) + len(found) > MOST_DEADLY:
            raise _go_on_dying(chunk)
    return found


def _is_deadly(ask: Ask, rows: list[Row]) -> bool:
    """Whether a worker dies of documents; of a single one, whether two workers do."""
    try:
        if len(rows) == 1:
            _tried(ask, rows)
        elif rows:
            ask(rows)
    except Died:
        return True
    return False


def _go_on_dying(chunk: Chunk) -> WorkerError:
    return WorkerError(
        f"{name_of(chunk.number)}: expected a worker process to write it, but they go on ending, "
        f"on more than {MOST_DEADLY} documents or not always on the same: they crash, or are "
        "killed, such as for the memory they use. What is done stays: free memory, or give fewer "
        "--jobs, and run the command again"
    )
