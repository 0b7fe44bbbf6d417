"""linear_recurrence: h_t = h_{t-1} * w_h + u_t, elementwise."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Direction, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["linear_recurrence"]


def linear_recurrence(
    inputs: ArrayLike,
    decay: ArrayLike,
    starts: ArrayLike,
    *,
    direction: Direction = "forward",
    device: Device = "cpu",
) -> Floats:
    """Run an elementwise linear recurrent network over each document.

    h_t = h_{t-1} * w_h + u_t, with u_t = W_x x_t + b and h_{-1} = 0

    Backward, t runs from the document's last token to its first. With "both",
    the first half of the states runs forward and the second half backward.

    Args:
        inputs: u [N, H], all documents' tokens end to end.
        decay: w_h [H]; between 0 and 1 for states that stay bounded.
        starts: where each document begins [B + 1].
        direction: "forward", "backward" or "both" (H must be even).
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        states h [N, H].

    Raises:
        RangeError: starts do not fit inputs, or the direction is unknown.
        ShapeError, DtypeError: an array does not fit the others.

    Source: Martin and Cundy, Parallelizing Linear Recurrent Neural Nets Over
    Sequence Length, 2018.
    """
    where = "linear_recurrence"
    inputs = checks.floats(where, "inputs", inputs, ("N", "H"))
    decay = checks.floats(where, "decay", decay, (inputs.shape[1],))
    starts = checks.starts(where, "starts", starts, len(inputs))
    checks.one_of(where, "direction", direction, ("forward", "backward", "both"))
    if direction == "both":
        checks.even(where, "the number of states, with direction='both',", inputs.shape[1])
    backend = choose(where, device, cpu, reference)
    states: Floats = backend.forward(inputs, decay, starts, direction)
    return states
