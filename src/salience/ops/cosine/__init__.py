"""cosine: a'b / (|a| |b|), for pairs, as a matrix, or only the k nearest.

Beside it, for the last two, the scalar product and the euclidean distance.
"""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats, Ints, Metric
from ..devices import choose
from . import cpu, reference

__all__ = [
    "backprop_cosine_matrix",
    "backprop_cosine_pairs",
    "cosine_matrix",
    "cosine_pairs",
    "cosine_top_k",
    "dot_matrix",
    "dot_top_k",
    "euclidean_matrix",
    "euclidean_top_k",
]


def cosine_pairs(a: ArrayLike, b: ArrayLike, *, device: Device | None = None) -> Floats:
    """Compare row i of a with row i of b.

    s_i = a_i'b_i / (|a_i| |b_i|), 0 where a row is all zeros

    Args:
        a: vectors [N, D].
        b: vectors [N, D].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        s [N]; exactly 1 where the rows are equal.

    Raises:
        ShapeError, DtypeError: an array does not fit the other.
    """
    a = checks.floats("cosine_pairs", "a", a, ("N", "D"))
    b = checks.floats("cosine_pairs", "b", b, a.shape)
    return choose("cosine_pairs", device, cpu.pairs, reference.pairs)(a, b)


def cosine_matrix(a: ArrayLike, b: ArrayLike, *, device: Device | None = None) -> Floats:
    """Compare every row of a with every row of b.

    s_ij = a_i'b_j / (|a_i| |b_j|), 0 where a row is all zeros

    Args:
        a: vectors [A, D].
        b: vectors [B, D].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        s [A, B]; exactly 1 where the rows are equal.

    Raises:
        ShapeError, DtypeError: an array does not fit the other.
    """
    return _matrix("cosine_matrix", a, b, "cosine", device)


def dot_matrix(a: ArrayLike, b: ArrayLike, *, device: Device | None = None) -> Floats:
    """Multiply every row of a with every row of b: s_ij = a_i'b_j, else as cosine_matrix."""
    return _matrix("dot_matrix", a, b, "dot", device)


def euclidean_matrix(a: ArrayLike, b: ArrayLike, *, device: Device | None = None) -> Floats:
    """Measure how far each row of a is from each of b: s_ij = |a_i - b_j|, else as cosine_matrix.

    The squares of the differences are summed, so that near rows lose no
    digits and equal ones are exactly 0 apart.
    """
    return _matrix("euclidean_matrix", a, b, "euclidean", device)


def cosine_top_k(
    a: ArrayLike, b: ArrayLike, k: int, *, device: Device | None = None
) -> tuple[Ints, Floats]:
    """Find the k rows of b nearest to each row of a, without the whole matrix.

    Args:
        a: vectors [A, D].
        b: vectors [B, D].
        k: how many; all of b where it has fewer rows.
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        indices into b [A, k], nearest first, the lower index first among
        equals, and their scores s [A, k].

    Raises:
        RangeError: k is below 1, or a number is not finite.
        ShapeError, DtypeError: an array does not fit the other.
    """
    return _top_k("cosine_top_k", a, b, k, "cosine", device)


def dot_top_k(
    a: ArrayLike, b: ArrayLike, k: int, *, device: Device | None = None
) -> tuple[Ints, Floats]:
    """Find the k rows of b with the largest a_i'b_j, else as cosine_top_k.

    Raises RangeError also where a score might exceed float32.
    """
    return _top_k("dot_top_k", a, b, k, "dot", device)


def euclidean_top_k(
    a: ArrayLike, b: ArrayLike, k: int, *, device: Device | None = None
) -> tuple[Ints, Floats]:
    """Find the k rows of b with the smallest |a_i - b_j|, else as cosine_top_k.

    Raises RangeError also where the square of a distance might exceed float32.
    """
    return _top_k("euclidean_top_k", a, b, k, "euclidean", device)


def _matrix(
    where: str, a: ArrayLike, b: ArrayLike, metric: Metric, device: Device | None
) -> Floats:
    same = a is b
    a = checks.floats(where, "a", a, ("A", "D"))
    b = a if same else checks.floats(where, "b", b, ("B", a.shape[1]))
    return choose(where, device, cpu.matrix, reference.matrix)(a, b, metric)


def _top_k(
    where: str, a: ArrayLike, b: ArrayLike, k: int, metric: Metric, device: Device | None
) -> tuple[Ints, Floats]:
    a = checks.floats(where, "a", a, ("A", "D"))
    b = checks.floats(where, "b", b, ("B", a.shape[1]))
    k = checks.at_least(where, "k", k, 1)
    checks.comparable(where, "a", a, metric)
    checks.comparable(where, "b", b, metric)
    top_k = choose(where, device, cpu.top_k, reference.top_k)
    indices, scores = top_k(a, b, min(k, len(b)), metric)
    return indices, scores


def backprop_cosine_pairs(
    d_scores: ArrayLike, a: ArrayLike, b: ArrayLike, *, device: Device | None = None
) -> tuple[Floats, Floats]:
    """Return the gradients of cosine_pairs.

    dL/da_i = dL/ds_i (b_i / (|a_i| |b_i|) - s_i a_i / |a_i|^2), 0 where a row is all zeros

    Args:
        d_scores: dL/ds [N].
        a, b, device: as given to cosine_pairs.

    Returns:
        d_a [N, D] and d_b [N, D].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_cosine_pairs"
    a = checks.floats(where, "a", a, ("N", "D"))
    b = checks.floats(where, "b", b, a.shape)
    d_scores = checks.floats(where, "d_scores", d_scores, (len(a),))
    return choose(where, device, cpu.backprop_pairs, reference.backprop_pairs)(d_scores, a, b)


def backprop_cosine_matrix(
    d_scores: ArrayLike, a: ArrayLike, b: ArrayLike, *, device: Device | None = None
) -> tuple[Floats, Floats]:
    """Return the gradients of cosine_matrix.

    dL/da_i = sum_j dL/ds_ij (b_j / (|a_i| |b_j|) - s_ij a_i / |a_i|^2), and so of b

    Args:
        d_scores: dL/ds [A, B].
        a, b, device: as given to cosine_matrix.

    Returns:
        d_a [A, D] and d_b [B, D]; 0 where a row is all zeros.

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_cosine_matrix"
    a = checks.floats(where, "a", a, ("A", "D"))
    b = checks.floats(where, "b", b, ("B", a.shape[1]))
    d_scores = checks.floats(where, "d_scores", d_scores, (len(a), len(b)))
    return choose(where, device, cpu.backprop_matrix, reference.backprop_matrix)(d_scores, a, b)
