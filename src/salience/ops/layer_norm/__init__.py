"""layer_norm: y_t = gain * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + bias, of each row."""

from numpy.typing import ArrayLike

from ... import checks
from ...types import Device, Floats
from ..devices import choose
from . import cpu, reference

__all__ = ["backprop_layer_norm", "layer_norm"]


def layer_norm(
    x: ArrayLike, gain: ArrayLike, bias: ArrayLike, *, device: Device | None = None
) -> Floats:
    """Bring every row to mean 0 and variance 1, then to a gain and a bias of each column.

    y_t = gain * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + bias, * elementwise

    A row of equal numbers becomes the bias. Means are taken in float64: results are
    finite and accurate for numbers up to 1e37.

    Args:
        x: rows [N, D].
        gain: [D].
        bias: [D].
        device: "cpu", "cuda" or "reference" (NumPy loops); where the arrays live if None.

    Returns:
        y [N, D].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.

    Source: Ba et al., Layer Normalization, 2016; 1e-8 as in thinc's LayerNorm.
    """
    x = checks.floats("layer_norm", "x", x, ("N", "D"))
    gain = checks.floats("layer_norm", "gain", gain, (x.shape[1],))
    bias = checks.floats("layer_norm", "bias", bias, (x.shape[1],))
    return choose("layer_norm", device, cpu.forward, reference.forward)(x, gain, bias)


def backprop_layer_norm(
    d_y: ArrayLike, x: ArrayLike, gain: ArrayLike, *, device: Device | None = None
) -> tuple[Floats, Floats, Floats]:
    """Return the gradients of layer_norm.

    With s_t = sqrt(var x_t + 1e-8), n_t = (x_t - mean x_t) / s_t and e_t = gain * dL/dy_t:
    dL/dx_t = (e_t - mean e_t - n_t * mean(e_t * n_t)) / s_t,
    dL/dgain = sum_t dL/dy_t * n_t, dL/dbias = sum_t dL/dy_t

    Args:
        d_y: dL/dy [N, D].
        x, gain, device: as given to layer_norm.

    Returns:
        d_x [N, D], d_gain [D] and d_bias [D].

    Raises:
        ShapeError, DtypeError: an array does not fit the others.
    """
    where = "backprop_layer_norm"
    d_y = checks.floats(where, "d_y", d_y, ("N", "D"))
    x = checks.floats(where, "x", x, d_y.shape)
    gain = checks.floats(where, "gain", gain, (x.shape[1],))
    return choose(where, device, cpu.backprop, reference.backprop)(d_y, x, gain)
