"""`salience vectors`: word vectors of one's own."""

from typer import Typer

from ..terminal import Commands
from . import train

__all__ = ["vectors"]

vectors = Typer(
    name="vectors",
    cls=Commands,
    help="Word vectors: learn them from texts.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold text of a document
)
vectors.command("train")(train.train)
