"""tanh_recurrence: h_t = tanh(u_t + W_h h_{t-1}), PyTorch's nn.RNN, also with relu."""

from typing import Any, Literal, TypeAlias

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Direction, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_tanh_recurrence", "tanh_recurrence"]

Activation: TypeAlias = Literal["tanh", "relu"]


def tanh_recurrence(
    inputs: ArrayLike,
    weight: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    direction: Direction = "forward",
    activation: Activation = "tanh",
    device: Device | None = None,
) -> tuple[Floats, Floats]:
    """Run a recurrent network with a dense recurrent matrix over each document.

    h_t = tanh(u_t + W_h h_{t-1}), with u_t = W_x x_t + b

    Of torch.nn.RNN, W_x is weight_ih, W_h weight_hh and b bias_ih + bias_hh.

    Args:
        inputs: u [N, H], all documents' tokens end to end.
        weight: W_h [H, H]; with direction "both" one for each way, [2, H/2, H/2].
        starts: where each document begins [B + 1].
        initial: the state before the first step [B, H]; zeros where None.
        direction: "forward", "backward" or "both" (see linear_recurrence).
        activation: "tanh", at most 4 ulp from the true value, or "relu".
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        states h [N, H], and final [B, H], the state after the last step of each
        document; of an empty one it is the initial state.

    Raises:
        RangeError: starts do not fit inputs, or a choice is unknown.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Elman, Finding Structure in Time, 1990.
    """
    where = "tanh_recurrence"
    inputs, starts, initial = checks.recurrence(where, "inputs", inputs, starts, initial, direction)
    weights = _weights(where, weight, inputs.shape[1], direction)
    checks.one_of(where, "activation", activation, ("tanh", "relu"))
    forward = choose(where, device, cpu.forward, reference.forward)
    return forward(inputs, weights, starts, initial, direction, activation)


def backprop_tanh_recurrence(
    d_states: ArrayLike,
    states: ArrayLike,
    weight: ArrayLike,
    starts: ArrayLike,
    *,
    initial: ArrayLike | None = None,
    d_final: ArrayLike | None = None,
    direction: Direction = "forward",
    activation: Activation = "tanh",
    device: Device | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of tanh_recurrence.

    g_t = f'(h_t) * (d_t + W_h' g_{t+1}), and dL/dW_h = sum_t g_t h_{t-1}'

    with f' = 1 - h_t^2 of tanh, and 1 where h_t > 0, else 0, of relu.

    Args:
        d_states: dL/dh [N, H].
        states: h [N, H], as tanh_recurrence returned them.
        weight, starts, initial, direction, activation, device: as given to it.
        d_final: dL/dfinal [B, H], beside what d_states holds; zeros where None.

    Returns:
        d_inputs g [N, H], d_weight in the shape of weight and d_initial [B, H].

    Raises:
        RangeError, ShapeError, DtypeError: as tanh_recurrence.
    """
    where = "backprop_tanh_recurrence"
    states, starts, initial = checks.recurrence(where, "states", states, starts, initial, direction)
    d_states = checks.floats(where, "d_states", d_states, states.shape)
    d_final = checks.floats_or_zeros(where, "d_final", d_final, initial.shape, initial)
    weights = _weights(where, weight, states.shape[1], direction)
    checks.one_of(where, "activation", activation, ("tanh", "relu"))
    backprop = choose(where, device, cpu.backprop, reference.backprop)
    d_inputs, d_weight, d_initial = backprop(
        d_states, d_final, states, weights, starts, initial, direction, activation
    )
    return d_inputs, d_weight if direction == "both" else d_weight[0], d_initial


def _weights(where: str, weight: ArrayLike, states: int, direction: Direction) -> Floats:
    """One matrix for each way [ways, K, K]."""
    half = states // 2
    shape = (2, half, half) if direction == "both" else (states, states)
    checked = checks.floats(where, "weight", weight, shape)
    if direction == "both":
        return checked
    given: Any = checked
    one: Floats = given.reshape(1, *shape)
    # A reshaped array of numba's has forgotten its stream.
    return one.bind(given.stream) if hasattr(one, "bind") else one
