"""Output and errors of commands, for terminals of any encoding, pipes, and closed streams."""

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from typer import Exit

from salience.errors import SalienceError

from ..pictures.labels import harmless
from .streams import prepare

CLOSED_PIPE = 141
"""The exit status of a command whose reader has gone, as in shells: 128 + SIGPIPE."""


@contextmanager
def safely() -> Iterator[None]:
    """Prepare the output; print errors of salience, and exit with status 1.

    A message is on one line, with symbols for control characters. Where the reader of
    a pipe has gone, as `head` does, the command ends silently.
    """
    prepare()
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except (SalienceError, OSError) as error:
        lost = [stream for stream in (sys.stdout, sys.stderr) if not _is_writable(stream)]
        for stream in lost:
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # Python flushes at exit
        if lost and isinstance(error, BrokenPipeError):
            raise Exit(CLOSED_PIPE) from error
        print(f"salience: {harmless(str(error))}", file=sys.stderr)
        raise Exit(1) from error
    except Exception as error:
        _show_in_box(error)
        raise


def _show_in_box(error: Exception) -> None:
    """Replace control characters in a message about wrong usage, which typer prints in a box."""
    said = getattr(error, "format_message", None)
    if said is not None:
        message = harmless(said())
        error.format_message = lambda: message  # type: ignore[attr-defined]


def _is_writable(stream: TextIO) -> bool:
    try:
        stream.flush()
        return not _has_hung_up(stream.fileno())
    except BrokenPipeError:
        return False
    except OSError as error:
        return error.errno is None  # a stream without a file, such as a test's


def _has_hung_up(file: int) -> bool:
    """Whether a pipe has no reader any more; an unbuffered stream raises only once."""
    if not hasattr(select, "poll"):
        return False
    poll = select.poll()
    poll.register(file, 0)
    return bool(poll.poll(0))
