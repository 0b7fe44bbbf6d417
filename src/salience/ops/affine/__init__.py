"""affine: y_t = W x_t + b."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["affine"]


def affine(
    x: ArrayLike, weight: ArrayLike, bias: ArrayLike | None = None, *, device: Device = "cpu"
) -> Floats:
    """Map every row linearly.

    y_t = W x_t + b

    Args:
        x: rows [N, D].
        weight: W [H, D].
        bias: b [H]; zeros where None.
        device: "cpu", or "reference" for the NumPy loops.

    Returns:
        y [N, H].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    weight = checks.floats("affine", "weight", weight, ("H", "D"))
    x = checks.floats("affine", "x", x, ("N", weight.shape[1]))
    if bias is not None:
        bias = checks.floats("affine", "bias", bias, (weight.shape[0],))
    result: Floats = choose("affine", device, cpu, reference).forward(x, weight, bias)
    return result
