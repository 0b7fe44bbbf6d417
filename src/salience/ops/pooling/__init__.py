"""pooling: s = softmax over the document of u'v_t + w_t, and d = sum_t s_t v_t."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_pooling", "pooling"]


def pooling(
    vectors: ArrayLike,
    query: ArrayLike,
    weights: ArrayLike,
    starts: ArrayLike,
    *,
    device: Device | None = None,
) -> tuple[Floats, Floats]:
    """Weigh the tokens of each document and sum them.

    s_t = exp(u'v_t + w_t) / sum_j exp(u'v_j + w_j)
    d = sum_t s_t v_t

    Args:
        vectors: v [N, D], all documents' tokens end to end.
        query: u [D].
        weights: w [N], the logit each word brings along.
        starts: where each document begins [B + 1].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

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
    forward = choose("pooling", device, cpu.forward, reference.forward)
    return forward(vectors, query, weights, starts)


def backprop_pooling(
    d_documents: ArrayLike,
    salience: ArrayLike,
    vectors: ArrayLike,
    query: ArrayLike,
    starts: ArrayLike,
    *,
    d_salience: ArrayLike | None = None,
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of pooling.

    With p_t = dL/dd' v_t + dL/ds_t and z_t = s_t (p_t - sum_j s_j p_j):
    dL/dv_t = s_t dL/dd + z_t u, dL/du = sum_t z_t v_t and dL/dw_t = z_t

    Args:
        d_documents: dL/dd [B, D].
        salience: s [N], as pooling returned it.
        vectors, query, starts, device: as given to it.
        d_salience: dL/ds [N], beside what d_documents holds; zeros where None.

    Returns:
        d_vectors [N, D], d_query [D] and d_weights [N].

    Raises:
        RangeError, ShapeError, DtypeError: as pooling.
    """
    where = "backprop_pooling"
    vectors = checks.floats(where, "vectors", vectors, ("N", "D"))
    query = checks.floats(where, "query", query, (vectors.shape[1],))
    salience = checks.floats(where, "salience", salience, (len(vectors),))
    starts = checks.starts(where, "starts", starts, len(vectors))
    d_documents = checks.floats(
        where, "d_documents", d_documents, (len(starts) - 1, vectors.shape[1])
    )
    d_salience = checks.floats_or_zeros(where, "d_salience", d_salience, salience.shape, salience)
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_documents, d_salience, salience, vectors, query, starts)
