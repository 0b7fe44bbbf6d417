"""pooling: s = softmax over the document of u'v_t + w_t, and d = sum_t s_t v_t."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["pooling"]


def pooling(
    vectors: ArrayLike,
    query: ArrayLike,
    weights: ArrayLike,
    starts: ArrayLike,
    *,
    device: Device = "cpu",
) -> tuple[Floats, Floats]:
    """Weigh the tokens of each document and sum them.

    s_t = exp(u'v_t + w_t) / sum_j exp(u'v_j + w_j)
    d = sum_t s_t v_t

    Args:
        vectors: v [N, D], all documents' tokens end to end.
        query: u [D].
        weights: w [N], the logit each word brings along.
        starts: where each document begins [B + 1].
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        salience s [N], which sums to 1 over a document, and documents d [B, D];
        an empty document's vector is zeros.

    Raises:
        RangeError: starts do not fit.
        ShapeError, DtypeError: an array does not fit the others.
    """
    vectors = checks.floats("pooling", "vectors", vectors, ("N", "D"))
    query = checks.floats("pooling", "query", query, (vectors.shape[1],))
    weights = checks.floats("pooling", "weights", weights, (len(vectors),))
    starts = checks.starts("pooling", "starts", starts, len(vectors))
    backend = choose("pooling", device, cpu, reference)
    salience, documents = backend.forward(vectors, query, weights, starts)
    return salience, documents
