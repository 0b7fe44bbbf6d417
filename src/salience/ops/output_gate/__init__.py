"""output_gate: y_t = sigmoid(o_t) * h_t, what a word lets through of its state."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_output_gate", "output_gate"]


def output_gate(states: ArrayLike, logits: ArrayLike, *, device: Device | None = None) -> Floats:
    """Let through of each state what the word at its step says.

    y_t = sigmoid(o_t) * h_t, with o_t = W_o x_t + b_o; * elementwise

    It is what makes the order of words count behind a recurrence that is linear:
    a sum of its states alone is nearly a sum over words.

    Args:
        states: h [N, H].
        logits: o [N, H].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        y [N, H].

    Raises:
        ShapeError, DtypeError: an array does not fit the other.

    Source: Bradbury et al., Quasi-Recurrent Neural Networks, 2017 (the output
    gate of fo-pooling); Lei et al., Simple Recurrent Units, 2018.
    """
    states = checks.floats("output_gate", "states", states, ("N", "H"))
    logits = checks.floats("output_gate", "logits", logits, states.shape)
    forward = choose("output_gate", device, cpu.forward, reference.forward)
    return forward(states, logits)


def backprop_output_gate(
    d_y: ArrayLike, states: ArrayLike, logits: ArrayLike, *, device: Device | None = None
) -> tuple[Floats, Floats]:
    """Return the gradients of output_gate.

    With s_t = sigmoid(o_t): dL/dh_t = s_t * dL/dy_t and
    dL/do_t = s_t * (1 - s_t) * h_t * dL/dy_t

    Args:
        d_y: dL/dy [N, H].
        states, logits, device: as given to output_gate.

    Returns:
        d_states [N, H] and d_logits [N, H].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_output_gate"
    d_y = checks.floats(where, "d_y", d_y, ("N", "H"))
    states = checks.floats(where, "states", states, d_y.shape)
    logits = checks.floats(where, "logits", logits, d_y.shape)
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_y, states, logits)
