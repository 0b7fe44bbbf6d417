"""exp, tanh and sigmoid of arrays of any shape: polynomials, the same bits on every machine."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_exp", "backprop_sigmoid", "backprop_tanh", "exp", "sigmoid", "tanh"]


def exp(x: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return e^x, with x clipped to [-87, 88], so that it is finite and above 0.

    At most 2 ulp from the true value. Raises DtypeError where x [...] is not
    floating-point. Source: Cody and Waite, Software Manual for the Elementary
    Functions, 1980.
    """
    y: Floats = choose("exp", device, cpu, reference).exp(checks.floats("exp", "x", x, None))
    return y


def tanh(x: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return tanh x, at most 4 ulp from the true value.

    Raises DtypeError where x [...] is not floating-point. Source: as exp.
    """
    y: Floats = choose("tanh", device, cpu, reference).tanh(checks.floats("tanh", "x", x, None))
    return y


def sigmoid(x: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return 1 / (1 + e^-x), with x clipped to [-87, 87]: between 0 and 1, and never either.

    So it is how a decay or a gate is parametrised. At most 4 ulp from the true
    value. Raises DtypeError where x [...] is not floating-point. Source: as exp.
    """
    backend = choose("sigmoid", device, cpu, reference)
    y: Floats = backend.sigmoid(checks.floats("sigmoid", "x", x, None))
    return y


def backprop_exp(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * y of y = exp(x); raises as exp, and ShapeError."""
    return _backprop("exp", d_y, y, device)


def backprop_tanh(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * (1 - y^2) of y = tanh(x); raises as tanh, and ShapeError."""
    return _backprop("tanh", d_y, y, device)


def backprop_sigmoid(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * y * (1 - y) of y = sigmoid(x); raises as sigmoid, and ShapeError."""
    return _backprop("sigmoid", d_y, y, device)


def _backprop(of: str, d_y: ArrayLike, y: ArrayLike, device: Device | None) -> Floats:
    where = f"backprop_{of}"
    y = checks.floats(where, "y", y, None)
    d_y = checks.floats(where, "d_y", d_y, y.shape)
    d_x: Floats = getattr(choose(where, device, cpu, reference), where)(d_y, y)
    return d_x
