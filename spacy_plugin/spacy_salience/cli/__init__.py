"""The `salience` command; also `python -m spacy salience`."""

import sys

from typer import Typer

from salience.errors import SalienceError

from . import distil, evaluate, show

__all__ = ["app", "main"]

app = Typer(
    name="salience",
    help="Contextual token vectors, similarity and attention for spaCy.",
    no_args_is_help=True,
    add_completion=False,
)
app.command("show")(show.show)
app.command("evaluate")(evaluate.evaluate)
app.command("distil")(distil.distil)


def main() -> None:
    """Run the command; a named error is printed and ends it with status 1."""
    try:
        app()
    except SalienceError as error:
        print(f"salience: {error}", file=sys.stderr)
        sys.exit(1)
