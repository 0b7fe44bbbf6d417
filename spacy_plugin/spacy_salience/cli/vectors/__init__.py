"""`salience vectors ...`: word vectors, from files of any usual format to a model."""

from typer import Typer

from . import analogy, convert, model, nearest, odd, shrink
from . import eval as evaluation

__all__ = ["app"]

app = Typer(
    name="vectors", help="Word vectors: convert, look up, judge, shrink, make a model of.",
    no_args_is_help=True,
)  # fmt: skip

for command in (
    convert.convert,
    nearest.nearest,
    analogy.analogy,
    odd.odd,
    evaluation.evaluate,
    shrink.shrink,
    model.model,
):
    app.command({"evaluate": "eval"}.get(command.__name__, command.__name__))(command)
