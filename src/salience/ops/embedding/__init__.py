"""embedding: x_t = W_e[id_t], or the mean of several rows."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats, Ints
from ..devices import choose
from . import cpu, reference

__all__ = [
    "backprop_embedding",
    "backprop_embedding_bags",
    "embedding",
    "embedding_bags",
    "sparse_backprop_embedding",
    "sparse_backprop_embedding_bags",
]


def embedding(table: ArrayLike, ids: ArrayLike, *, device: Device | None = None) -> Floats:
    """Look up one row for each id.

    x_t = W_e[id_t]

    Args:
        table: W_e [V, D].
        ids: rows of the table [N], whole numbers.
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        x [N, D].

    Raises:
        RangeError: an id names no row.
        ShapeError, DtypeError: an array has the wrong form.
    """
    table = checks.floats("embedding", "table", table, ("V", "D"))
    ids = checks.indices("embedding", "ids", ids, len(table))
    return choose("embedding", device, cpu.forward, reference.forward)(table, ids)


def embedding_bags(
    table: ArrayLike, ids: ArrayLike, starts: ArrayLike, *, device: Device | None = None
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
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        x [N, D].

    Raises:
        RangeError: an id names no row, or starts do not fit ids.
        ShapeError, DtypeError: an array has the wrong form.
    """
    table = checks.floats("embedding_bags", "table", table, ("V", "D"))
    ids = checks.indices("embedding_bags", "ids", ids, len(table))
    starts = checks.bag_starts("embedding_bags", "starts", starts, len(ids))
    forward_bags = choose("embedding_bags", device, cpu.forward_bags, reference.forward_bags)
    return forward_bags(table, ids, starts)


def backprop_embedding(
    d_x: ArrayLike, ids: ArrayLike, rows: int, *, device: Device | None = None
) -> Floats:
    """Return the gradient of the table of embedding, dense.

    dL/dW_e[i] = sum of dL/dx_t over the t with id_t = i

    Args:
        d_x: dL/dx [N, D].
        ids, device: as given to embedding.
        rows: V, the number of rows of the table.

    Returns:
        d_table [V, D].

    Raises:
        RangeError: an id names no row.
        ShapeError, DtypeError: an array has the wrong form.
    """
    where = "backprop_embedding"
    d_x, ids, rows = _tokens(where, d_x, ids, rows)
    return choose(where, device, cpu.backprop, reference.backprop)(d_x, ids, rows)


def sparse_backprop_embedding(
    d_x: ArrayLike, ids: ArrayLike, rows: int, *, device: Device | None = None
) -> tuple[Ints, Floats]:
    """Return the rows of backprop_embedding's gradient that ids name, and no others.

    Args and Raises: as backprop_embedding.

    Returns:
        named [U], the different ids in rising order, and their d_rows [U, D].
    """
    where = "sparse_backprop_embedding"
    d_x, ids, rows = _tokens(where, d_x, ids, rows)
    backprop = choose(where, device, cpu.sparse_backprop, reference.sparse_backprop)
    return backprop(d_x, ids, rows)


def backprop_embedding_bags(
    d_x: ArrayLike, ids: ArrayLike, starts: ArrayLike, rows: int, *, device: Device | None = None
) -> Floats:
    """Return the gradient of the table of embedding_bags, dense.

    dL/dW_e[i] = sum of dL/dx_t / size of bag t over the bags t that name i

    Args:
        d_x: dL/dx [N, D].
        ids, starts, device: as given to embedding_bags.
        rows: V, the number of rows of the table.

    Returns:
        d_table [V, D].

    Raises:
        RangeError, ShapeError, DtypeError: as embedding_bags.
    """
    where = "backprop_embedding_bags"
    d_x, ids, starts, rows = _bags(where, d_x, ids, starts, rows)
    backprop = choose(where, device, cpu.backprop_bags, reference.backprop_bags)
    return backprop(d_x, ids, starts, rows)


def sparse_backprop_embedding_bags(
    d_x: ArrayLike, ids: ArrayLike, starts: ArrayLike, rows: int, *, device: Device | None = None
) -> tuple[Ints, Floats]:
    """Return the rows of backprop_embedding_bags's gradient that ids name, and no others.

    Args and Raises: as backprop_embedding_bags.

    Returns:
        named [U], the different ids in rising order, and their d_rows [U, D].
    """
    where = "sparse_backprop_embedding_bags"
    d_x, ids, starts, rows = _bags(where, d_x, ids, starts, rows)
    backprop = choose(where, device, cpu.sparse_backprop_bags, reference.sparse_backprop_bags)
    return backprop(d_x, ids, starts, rows)


def _tokens(where: str, d_x: ArrayLike, ids: ArrayLike, rows: int) -> tuple[Floats, Ints, int]:
    rows = checks.at_least(where, "rows", rows, 0)
    checked = checks.indices(where, "ids", ids, rows)
    return checks.floats(where, "d_x", d_x, (len(checked), "D")), checked, rows


def _bags(
    where: str, d_x: ArrayLike, ids: ArrayLike, starts: ArrayLike, rows: int
) -> tuple[Floats, Ints, Ints, int]:
    rows = checks.at_least(where, "rows", rows, 0)
    checked = checks.indices(where, "ids", ids, rows)
    bags = checks.bag_starts(where, "starts", starts, len(checked))
    return checks.floats(where, "d_x", d_x, (len(bags) - 1, "D")), checked, bags, rows
