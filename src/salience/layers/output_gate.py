"""OutputGate: y_t = sigmoid(o_t) * h_t, the part of its state that a word lets through."""

from collections.abc import Callable
from typing import Any, TypeAlias

from thinc.api import Model

from ..ops import backprop_output_gate, output_gate
from ..types import Batch, Floats

Given: TypeAlias = tuple[Batch, Floats]


def OutputGate(nO: int) -> Model[Given, Batch]:
    """Gate states h [N, nO] by logits o [N, nO].

    y_t = sigmoid(o_t) * h_t

    An Affine beside it computes o = W_o x + b_o; the gate has no parameters. Raises
    ShapeError where o does not fit h.
    """
    return Model("output_gate", forward, dims={"nO": nO})


def forward(
    model: Any, X: Given, is_train: bool
) -> tuple[Batch, Callable[[Batch], tuple[Floats, Floats]]]:
    """y_t = sigmoid(o_t) * h_t, and the gradients of states and logits."""
    states, logits = X

    def backprop(dY: Batch) -> tuple[Floats, Floats]:
        return backprop_output_gate(dY.data, states.data, logits)

    return Batch(output_gate(states.data, logits), states.starts), backprop
