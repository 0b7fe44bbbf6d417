"""affine: y_t = W x_t + b."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["affine", "backprop_affine"]


def affine(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, *, device: Device | None = None
) -> Floats:
    """Map every row linearly.

    y_t = W x_t + b

    Args:
        x: rows [N, D].
        weight: W [H, D].
        bias: b [H]; zeros where None.
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        y [N, H].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    weight = checks.floats("affine", "weight", weight, ("H", "D"))
    x = checks.floats("affine", "x", x, ("N", weight.shape[1]))
    if bias is not None:
        bias = checks.floats("affine", "bias", bias, (weight.shape[0],))
    return choose("affine", device, cpu.forward, reference.forward)(x, weight, bias)


def backprop_affine(
    d_y: ArrayLike, x: ArrayLike, weight: ArrayLike, *, device: Device | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of affine.

    dL/dx_t = W' dL/dy_t, dL/dW = sum_t dL/dy_t x_t', dL/db = sum_t dL/dy_t

    Args:
        d_y: dL/dy [N, H].
        x, weight, device: as given to affine.

    Returns:
        d_x [N, D], d_weight [H, D] and d_bias [H].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_affine"
    weight = checks.floats(where, "weight", weight, ("H", "D"))
    x = checks.floats(where, "x", x, ("N", weight.shape[1]))
    d_y = checks.floats(where, "d_y", d_y, (len(x), len(weight)))
    return choose(where, device, cpu.backprop, reference.backprop)(d_y, x, weight)
