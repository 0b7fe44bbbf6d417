"""LinearRecurrence: h_t = h_{t-1} * w_h + u_t, half of the states in each direction."""

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model

from ..model.settings import LEAST_DECAY, MOST_DECAY
from ..ops import backprop_linear_recurrence, linear_recurrence, sigmoid
from ..types import Batch
from .gradients import learn


def LinearRecurrence(nO: int) -> Model[Batch, Batch]:
    """Run h_t = h_{t-1} * w_h + u_t both ways over inputs u [N, nO]; * elementwise.

    w_h = sigmoid(w) is between 0 and 1 whatever w [nO] learns. Raises ShapeError
    where nO is odd or not the inputs' width.
    """
    return Model("linear_recurrence", forward, init=init, dims={"nO": nO}, params={"w": None})


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Batch, Callable[[Batch], Batch]]:
    """The states of both directions, and the gradients of inputs and decay."""
    starts, decay = X.starts, sigmoid(model.get_param("w"))
    states, _ = linear_recurrence(X.data, decay, starts, direction="both")

    def backprop(dY: Batch) -> Batch:
        d_inputs, d_decay, _ = backprop_linear_recurrence(
            dY.data, states, decay, starts, direction="both"
        )
        learn(model, w=d_decay * decay * (1 - decay))
        return Batch(d_inputs, X.starts)

    return Batch(states, X.starts), backprop


def init(model: Any, X: Batch | None = None, Y: Batch | None = None) -> None:
    """In each direction, w_h evenly from LEAST_DECAY to MOST_DECAY."""
    half = model.get_dim("nO") // 2
    decay = np.tile(np.linspace(LEAST_DECAY, MOST_DECAY, half, dtype=np.float32), 2)
    model.set_param("w", model.ops.asarray1f(np.log(decay / (1 - decay))))
