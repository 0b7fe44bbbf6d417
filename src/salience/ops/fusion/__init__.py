"""fusion: v_t = x_t + W_f h_t + g * c_t, the token vector."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_fusion", "fusion"]


def fusion(
    x: ArrayLike,
    states: ArrayLike,
    context: ArrayLike,
    weight: ArrayLike,
    gate: ArrayLike,
    *,
    device: Device | None = None,
) -> Floats:
    """Fuse a token's embedding, recurrent state and attended context.

    v_t = x_t + W_f h_t + g * c_t, * elementwise

    A residual form: with W_f = 0 and g = 0 the token vector is the embedding.

    Args:
        x: embeddings [N, D].
        states: h [N, H].
        context: c [N, D].
        weight: W_f [D, H].
        gate: g [D].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        v [N, D].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    x = checks.floats("fusion", "x", x, ("N", "D"))
    states = checks.floats("fusion", "states", states, (len(x), "H"))
    context = checks.floats("fusion", "context", context, x.shape)
    weight = checks.floats("fusion", "weight", weight, (x.shape[1], states.shape[1]))
    gate = checks.floats("fusion", "gate", gate, (x.shape[1],))
    forward = choose("fusion", device, cpu.forward, reference.forward)
    return forward(x, states, context, weight, gate)


def backprop_fusion(
    d_vectors: ArrayLike,
    states: ArrayLike,
    context: ArrayLike,
    weight: ArrayLike,
    gate: ArrayLike,
    *,
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the gradients of fusion; that of x is d_vectors itself.

    With d_t = dL/dv_t: dL/dh_t = W_f' d_t, dL/dc_t = g * d_t,
    dL/dW_f = sum_t d_t h_t' and dL/dg = sum_t d_t * c_t

    Args:
        d_vectors: dL/dv [N, D].
        states, context, weight, gate, device: as given to fusion.

    Returns:
        d_states [N, H], d_context [N, D], d_weight [D, H] and d_gate [D].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_fusion"
    d_vectors = checks.floats(where, "d_vectors", d_vectors, ("N", "D"))
    states = checks.floats(where, "states", states, (len(d_vectors), "H"))
    context = checks.floats(where, "context", context, d_vectors.shape)
    weight = checks.floats(where, "weight", weight, (d_vectors.shape[1], states.shape[1]))
    gate = checks.floats(where, "gate", gate, (d_vectors.shape[1],))
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_vectors, states, context, weight, gate)
