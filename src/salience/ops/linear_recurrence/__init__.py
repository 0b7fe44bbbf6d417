"""linear_recurrence: h_t = h_{t-1} * w_h + u_t, elementwise."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Direction, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_linear_recurrence", "linear_recurrence"]


def linear_recurrence(
    inputs: ArrayLike,
    decay: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    direction: Direction = "forward",
    device: Device | None = None,
) -> tuple[Floats, Floats]:
    """Run an elementwise linear recurrent network over each document.

    h_t = h_{t-1} * w_h + u_t, with u_t = W_x x_t + b

    Backward, t runs from the document's last token to its first. With "both",
    the first half of the states runs forward and the second half backward.

    Args:
        inputs: u [N, H], all documents' tokens end to end.
        decay: w_h [H]; between 0 and 1 (see sigmoid) for states that stay bounded.
        starts: where each document begins [B + 1].
        initial: the state before the first step [B, H]; zeros where None.
        direction: "forward", "backward" or "both" (H must be even).
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        states h [N, H], and final [B, H], the state after the last step of each
        document; of an empty one it is the initial state.

    Raises:
        RangeError: starts do not fit inputs, or the direction is unknown.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Martin and Cundy, Parallelizing Linear Recurrent Neural Nets Over
    Sequence Length, 2018.
    """
    where = "linear_recurrence"
    inputs, starts, initial = checks.recurrence(where, "inputs", inputs, starts, initial, direction)
    decay = checks.floats(where, "decay", decay, (inputs.shape[1],))
    forward = choose(where, device, cpu.forward, reference.forward)
    return forward(inputs, decay, starts, initial, direction)


def backprop_linear_recurrence(
    d_states: ArrayLike,
    states: ArrayLike,
    decay: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    d_final: ArrayLike | None = None,
    direction: Direction = "forward",
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of linear_recurrence.

    g_t = d_t + g_{t+1} * w_h, and dL/dw_h = sum_t g_t * h_{t-1}

    Args:
        d_states: dL/dh [N, H].
        states: h [N, H], as linear_recurrence returned them.
        decay, starts, initial, direction, device: as given to it.
        d_final: dL/dfinal [B, H], beside what d_states holds; zeros where None.

    Returns:
        d_inputs g [N, H], d_decay [H] and d_initial [B, H].

    Raises:
        RangeError, ShapeError, DtypeError: as linear_recurrence.
    """
    where = "backprop_linear_recurrence"
    states, starts, initial = checks.recurrence(where, "states", states, starts, initial, direction)
    d_states = checks.floats(where, "d_states", d_states, states.shape)
    d_final = checks.floats_or_zeros(where, "d_final", d_final, initial.shape, initial)
    decay = checks.floats(where, "decay", decay, (states.shape[1],))
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_states, d_final, states, decay, starts, initial, direction)
