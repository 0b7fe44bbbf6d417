"""gated_recurrence: h_t = g_t * h_{t-1} + (1 - g_t) * u_t, with gates of the input only."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Direction, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_gated_recurrence", "gated_recurrence"]


def gated_recurrence(
    inputs: ArrayLike,
    gate_logits: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    direction: Direction = "forward",
    device: Device | None = None,
) -> tuple[Floats, Floats]:
    """Run a minimal gated recurrent network, whose gates look at the input only.

    h_t = g_t * h_{t-1} + (1 - g_t) * u_t, with g_t = sigmoid(z_t),
    u_t = W_u x_t + b_u and z_t = W_z x_t + b_z; * elementwise

    A state is a weighted mean of the inputs before it, so it grows beyond
    them by rounding at most, however long the document.

    Args:
        inputs: u [N, H], all documents' tokens end to end.
        gate_logits: z [N, H].
        starts: where each document begins [B + 1].
        initial: the state before the first step [B, H]; zeros where None.
        direction: "forward", "backward" or "both" (see linear_recurrence).
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        states h [N, H], and final [B, H], the state after the last step of each
        document; of an empty one it is the initial state.

    Raises:
        RangeError: starts do not fit inputs, or the direction is unknown.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Bradbury et al., Quasi-Recurrent Neural Networks, 2017 (f-pooling);
    Feng et al., Were RNNs All We Needed?, 2024 (minGRU).
    """
    where = "gated_recurrence"
    inputs, starts, initial = checks.recurrence(where, "inputs", inputs, starts, initial, direction)
    gate_logits = checks.floats(where, "gate_logits", gate_logits, inputs.shape)
    forward = choose(where, device, cpu.forward, reference.forward)
    return forward(inputs, gate_logits, starts, initial, direction)


def backprop_gated_recurrence(
    d_states: ArrayLike,
    states: ArrayLike,
    inputs: ArrayLike,
    gate_logits: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    d_final: ArrayLike | None = None,
    direction: Direction = "forward",
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of gated_recurrence.

    With e_t = d_t + g_{t+1} * e_{t+1}: dL/du_t = (1 - g_t) * e_t and
    dL/dz_t = g_t * (1 - g_t) * e_t * (h_{t-1} - u_t)

    Args:
        d_states: dL/dh [N, H].
        states: h [N, H], as gated_recurrence returned them.
        inputs, gate_logits, starts, initial, direction, device: as given to it.
        d_final: dL/dfinal [B, H], beside what d_states holds; zeros where None.

    Returns:
        d_inputs [N, H], d_gate_logits [N, H] and d_initial [B, H].

    Raises:
        RangeError, ShapeError, DtypeError: as gated_recurrence.
    """
    where = "backprop_gated_recurrence"
    states, starts, initial = checks.recurrence(where, "states", states, starts, initial, direction)
    d_states = checks.floats(where, "d_states", d_states, states.shape)
    d_final = checks.floats_or_zeros(where, "d_final", d_final, initial.shape, initial)
    inputs = checks.floats(where, "inputs", inputs, states.shape)
    gate_logits = checks.floats(where, "gate_logits", gate_logits, states.shape)
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    return backprop(d_states, d_final, states, inputs, gate_logits, starts, initial, direction)
