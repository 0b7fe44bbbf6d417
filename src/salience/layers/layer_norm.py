"""LayerNorm: y_t = G * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + b."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model

from ..ops import backprop_layer_norm, layer_norm
from ..types import Floats
from .gradients import learn


def LayerNorm(nO: int) -> Model[Floats, Floats]:
    """Normalise rows [N, nO]: y_t = G * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + b.

    It has the name, the sizes and the parameters of thinc's, so that what was saved with
    either loads. G [nO] starts at 1, b [nO] at 0. Raises ShapeError where rows are not nO wide.
    """
    return Model(
        "layernorm", forward, init=init, dims={"nO": nO, "nI": nO}, params={"G": None, "b": None}
    )


def forward(model: Any, X: Floats, is_train: bool) -> tuple[Floats, Callable[[Floats], Floats]]:
    """y_t = G * (x_t - mean x_t) / sqrt(var x_t + 1e-8) + b, and its gradients."""
    gain = model.get_param("G")

    def backprop(dY: Floats) -> Floats:
        d_x, d_gain, d_bias = backprop_layer_norm(dY, X, gain)
        learn(model, G=d_gain, b=d_bias)
        return d_x

    return layer_norm(X, gain, model.get_param("b")), backprop


def init(model: Any, X: Floats | None = None, Y: Floats | None = None) -> None:
    """G = 1, b = 0."""
    width = model.get_dim("nO")
    model.set_param("G", model.ops.alloc1f(width) + 1)
    model.set_param("b", model.ops.alloc1f(width))
