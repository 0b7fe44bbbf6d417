"""The `salience` command; also `python -m spacy salience`."""

from typer import Typer

from .commands import Commands

__all__ = ["app"]

app = Typer(
    name="salience",
    cls=Commands,
    help="Contextual token vectors, similarity and attention for spaCy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold text of a document
)


@app.callback()
def salience() -> None:
    """Contextual token vectors, similarity and attention for spaCy."""
