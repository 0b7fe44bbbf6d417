"""`salience vectors`: word vectors of one's own."""

from ..commands import Commands, group

__all__ = ["vectors"]


class Vectors(Commands):
    """The commands of word vectors."""

    package, names = __name__, ("train",)


vectors = group(Vectors, "vectors", "Word vectors: learn them from texts.")
