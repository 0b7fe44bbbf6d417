"""Affine: y_t = W x_t + b."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model, glorot_uniform_init

from ..ops import affine, backprop_affine
from ..types import Batch
from .gradients import learn


def Affine(nO: int, nI: int | None = None) -> Model[Batch, Batch]:
    """Map every row linearly: y_t = W x_t + b, with W [nO, nI] and b [nO].

    Raises ShapeError where rows are not nI wide. W starts as in Glorot and
    Bengio, 2010, and b at 0.
    """
    return Model(
        "affine", forward, init=init, dims={"nO": nO, "nI": nI}, params={"W": None, "b": None}
    )


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Batch, Callable[[Batch], Batch]]:
    """y_t = W x_t + b, and its gradients."""
    x, weight = X.data, model.get_param("W")
    y = affine(x, weight, model.get_param("b"))

    def backprop(dY: Batch) -> Batch:
        d_x, d_weight, d_bias = backprop_affine(dY.data, x, weight)
        learn(model, W=d_weight, b=d_bias)
        return Batch(d_x, X.starts)

    return Batch(y, X.starts), backprop


def init(model: Any, X: Batch | None = None, Y: Batch | None = None) -> None:
    """W as in Glorot and Bengio, b = 0."""
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    model.set_param("W", glorot_uniform_init(model.ops, (nO, nI)))
    model.set_param("b", model.ops.alloc1f(nO))
