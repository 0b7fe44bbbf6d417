"""fusion: v_t = x_t + W_f h_t + g * c_t, the token vector."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["fusion"]


def fusion(
    x: ArrayLike,
    states: ArrayLike,
    context: ArrayLike,
    weight: ArrayLike,
    gate: ArrayLike,
    *,
    device: Device = "cpu",
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
        device: "cpu", or "reference" for the NumPy loops.

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
    backend = choose("fusion", device, cpu, reference)
    vectors: Floats = backend.forward(x, states, context, weight, gate)
    return vectors
