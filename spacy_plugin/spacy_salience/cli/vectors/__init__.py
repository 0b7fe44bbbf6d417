"""`salience vectors ...`: word vectors, from texts or files of any usual format to a model."""

from ..commands import Commands, group

__all__ = ["vectors"]


class Vectors(Commands):
    """The commands of word vectors."""

    package = __name__
    names = ("train", "convert", "nearest", "analogy", "odd", "eval", "shrink", "model")


vectors = group(
    Vectors, "vectors", "Word vectors: learn, convert, look up, judge, shrink, make a model of."
)
