"""embedding: x_t = W_e[id_t], or the mean of several rows."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["embedding", "embedding_bags"]


def embedding(table: ArrayLike, ids: ArrayLike, *, device: Device = "cpu") -> Floats:
    """Look up one row for each id.

    x_t = W_e[id_t]

    Args:
        table: W_e [V, D].
        ids: rows of the table [N], whole numbers.
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        x [N, D].

    Raises:
        RangeError: an id names no row.
        ShapeError, DtypeError: an array has the wrong form.
    """
    table = checks.floats("embedding", "table", table, ("V", "D"))
    ids = checks.indices("embedding", "ids", ids, len(table))
    result: Floats = choose("embedding", device, cpu, reference).forward(table, ids)
    return result


def embedding_bags(
    table: ArrayLike, ids: ArrayLike, starts: ArrayLike, *, device: Device = "cpu"
) -> Floats:
    """Look up the mean of each bag's rows; an empty bag is zeros.

    x_t = mean over i in starts[t]..starts[t + 1] of W_e[id_i]

    A word's bag is its own row, an unknown word's are the rows that its
    character n-grams hash to (Bojanowski et al., Enriching Word Vectors with
    Subword Information, 2017).

    Args:
        table: W_e [V, D].
        ids: rows of the table, all bags end to end [M].
        starts: where each bag begins [N + 1].
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        x [N, D].

    Raises:
        RangeError: an id names no row, or starts do not fit ids.
        ShapeError, DtypeError: an array has the wrong form.
    """
    table = checks.floats("embedding_bags", "table", table, ("V", "D"))
    ids = checks.indices("embedding_bags", "ids", ids, len(table))
    starts = checks.starts("embedding_bags", "starts", starts, len(ids))
    backend = choose("embedding_bags", device, cpu, reference)
    result: Floats = backend.forward_bags(table, ids, starts)
    return result
