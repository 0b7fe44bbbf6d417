"""The `salience` command; also `python -m spacy salience`."""

import sys
from collections.abc import Callable
from functools import wraps

from typer import Exit, Typer

from salience.errors import SalienceError

from . import distil, evaluate, finetune, info, show, warmup

__all__ = ["app"]

app = Typer(
    name="salience",
    help="Contextual token vectors, similarity and attention for spaCy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold text of a document
)


def _told(command: Callable[..., None]) -> Callable[..., None]:
    """Print a named error of the command, and end with status 1."""

    @wraps(command)
    def run(*args: object, **named: object) -> None:
        try:
            command(*args, **named)
        except (SalienceError, OSError) as error:
            print(f"salience: {error}", file=sys.stderr)
            raise Exit(1) from error

    return run


for command in (
    show.show,
    evaluate.evaluate,
    distil.distil,
    finetune.finetune,
    info.info,
    warmup.warmup,
):
    app.command(command.__name__)(_told(command))
