"""GatedRecurrence: h_t = g_t * h_{t-1} + (1 - g_t) * u_t, half of the states each way."""

from collections.abc import Callable
from typing import Any

from thinc.api import Model

from ..ops import backprop_gated_recurrence, gated_recurrence
from ..types import Batch
from .columns import columns


def GatedRecurrence(nO: int) -> Model[Batch, Batch]:
    """Run h_t = g_t * h_{t-1} + (1 - g_t) * u_t both ways, g_t = sigmoid(z_t).

    Takes inputs and gate logits beside each other, (u, z) [N, 2 nO], which an
    Affine in front learns; it has no parameters. Raises ShapeError where nO is
    odd or the width is not 2 nO.
    """
    return Model("gated_recurrence", forward, dims={"nO": nO})


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Batch, Callable[[Batch], Batch]]:
    """The states of both directions, and the gradients of inputs and gates."""
    starts = X.starts
    half = X.data.shape[1] // 2
    inputs, gates = columns(model.ops, X.data, half, half)
    states, _ = gated_recurrence(inputs, gates, starts, direction="both")

    def backprop(dY: Batch) -> Batch:
        d_inputs, d_gates, _ = backprop_gated_recurrence(
            dY.data, states, inputs, gates, starts, direction="both"
        )
        return Batch(model.ops.xp.concatenate([d_inputs, d_gates], axis=1), X.starts)

    return Batch(states, X.starts), backprop
