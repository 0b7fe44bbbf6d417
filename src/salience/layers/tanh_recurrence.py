"""TanhRecurrence: h_t = tanh(u_t + W_h h_{t-1}), half of the states each way."""

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model

from ..ops import backprop_tanh_recurrence, tanh_recurrence
from ..types import Batch
from .gradients import learn


def TanhRecurrence(nO: int) -> Model[Batch, Batch]:
    """Run h_t = tanh(u_t + W_h h_{t-1}) both ways over inputs u [N, nO].

    W_h [2, nO / 2, nO / 2] has a matrix for each way. Raises ShapeError where
    nO is odd or not the inputs' width.
    """
    return Model("tanh_recurrence", forward, init=init, dims={"nO": nO}, params={"W": None})


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Batch, Callable[[Batch], Batch]]:
    """The states of both directions, and the gradients of inputs and W_h."""
    starts, weight = X.starts, model.get_param("W")
    states, _ = tanh_recurrence(X.data, weight, starts, direction="both")

    def backprop(dY: Batch) -> Batch:
        d_inputs, d_weight, _ = backprop_tanh_recurrence(
            dY.data, states, weight, starts, direction="both"
        )
        learn(model, W=d_weight)
        return Batch(d_inputs, X.starts)

    return Batch(states, X.starts), backprop


def init(model: Any, X: Batch | None = None, Y: Batch | None = None) -> None:
    """Orthogonal matrices, which keep a state's length (Saxe et al., 2014)."""
    half = model.get_dim("nO") // 2
    normal = np.random.normal(size=(2, half, half))
    weight = np.stack([np.linalg.qr(part)[0] for part in normal])
    model.set_param("W", model.ops.asarray3f(weight))
