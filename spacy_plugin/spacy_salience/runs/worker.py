"""What a worker process does: it loads the pipeline, then answers what it is asked."""

import signal
import warnings
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TypeAlias

from spacy.language import Language

from salience.errors import SalienceError, WorkerError

from .layout import Layout
from .loading import Named, load
from .process import Counts, Work, try_rows, write_chunk
from .rows import Row

Wanted: TypeAlias = Work | list[Row]
"""A chunk to write, or documents to try."""

Answer: TypeAlias = Counts | None
"""What a written chunk had; None for documents that were tried."""


@dataclass(frozen=True)
class Order:
    """What a worker needs to know: the pipeline's name, the results' folder and their layout."""

    named: Named
    layout: Layout
    out: Path


def answer(nlp: Language, order: Order, wanted: Wanted) -> Answer:
    """Do what is wanted, with the pipeline that `load(order.named)` returns.

    Raises OSError where a file cannot be written, and WorkerError for all else. Neither quotes
    a text, and both can be pickled.
    """
    try:
        if isinstance(wanted, Work):
            return write_chunk(nlp, order.layout, order.out, wanted)
        try_rows(nlp, order.layout, wanted)
    except Exception as error:
        raise portable(error) from None
    return None


def serve(connection: Connection, order: Order) -> None:
    """Say None when the pipeline is loaded, then answer until the connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which ends this
    warnings.simplefilter("ignore")  # they may quote texts, and the command has shown them
    with suppress(EOFError, OSError):
        try:
            nlp = load(order.named)
        except Exception as error:
            connection.send(portable(error))
            return
        connection.send(None)
        while True:
            wanted: Wanted = connection.recv()
            found: Answer | Exception
            try:
                found = answer(nlp, order, wanted)
            except Exception as error:
                found = error
            connection.send(found)


def portable(error: Exception) -> Exception:
    """Return an error that can be pickled and quotes no text, in place of any."""
    if isinstance(error, OSError) and error.errno:
        return OSError(error.errno, error.strerror, error.filename)
    if isinstance(error, SalienceError):
        return WorkerError(str(error))
    return WorkerError(
        f"expected a worker process to load the pipeline and write a result file, got a "
        f"{type(error).__name__} in it; what is done stays, and the same command goes on"
    )
