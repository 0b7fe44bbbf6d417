"""The `salience` command; also `python -m spacy salience`."""

from typer import Typer

from . import distil, evaluate, finetune, index, info, run, search, show, vectors, warmup
from .terminal import Commands

__all__ = ["app"]

app = Typer(
    name="salience",
    cls=Commands,
    help="Contextual token vectors, similarity and attention for spaCy.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,  # they may hold text of a document
)

for command in (
    show.show,
    run.run,
    index.index,
    search.search,
    evaluate.evaluate,
    distil.distil,
    finetune.finetune,
    info.info,
    warmup.warmup,
):
    app.command(command.__name__)(command)

app.add_typer(vectors.app)
