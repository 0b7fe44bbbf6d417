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
    x = checks.floats("exp", "x", x, None)
    return choose("exp", device, cpu.exp, reference.exp)(x)


def tanh(x: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return tanh x, at most 4 ulp from the true value.

    Raises DtypeError where x [...] is not floating-point. Source: as exp.
    """
    x = checks.floats("tanh", "x", x, None)
    return choose("tanh", device, cpu.tanh, reference.tanh)(x)


def sigmoid(x: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return 1 / (1 + e^-x), with x clipped to [-87, 87]: between 0 and 1, and never either.

    So it is how a decay or a gate is parametrised. At most 4 ulp from the true
    value. Raises DtypeError where x [...] is not floating-point. Source: as exp.
    """
    x = checks.floats("sigmoid", "x", x, None)
    return choose("sigmoid", device, cpu.sigmoid, reference.sigmoid)(x)


def backprop_exp(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * y of y = exp(x); raises as exp, and ShapeError."""
    backprop = choose("backprop_exp", device, cpu.backprop_exp, reference.backprop_exp)
    return backprop(*_checked("backprop_exp", d_y, y))


def backprop_tanh(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * (1 - y^2) of y = tanh(x); raises as tanh, and ShapeError."""
    backprop = choose("backprop_tanh", device, cpu.backprop_tanh, reference.backprop_tanh)
    return backprop(*_checked("backprop_tanh", d_y, y))


def backprop_sigmoid(d_y: ArrayLike, y: ArrayLike, *, device: Device | None = None) -> Floats:
    """Return dL/dx = dL/dy * y * (1 - y) of y = sigmoid(x); raises as sigmoid, and ShapeError."""
    backprop = choose("backprop_sigmoid", device, cpu.backprop_sigmoid, reference.backprop_sigmoid)
    return backprop(*_checked("backprop_sigmoid", d_y, y))


def _checked(where: str, d_y: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    y = checks.floats(where, "y", y, None)
    return checks.floats(where, "d_y", d_y, y.shape), y
