"""BilinearAttention: a_ti = softmax over i of h_t' W_a h_i, and c_t = sum_i a_ti x_i."""

from collections.abc import Callable
from typing import Any, TypeAlias

from thinc.api import Model, glorot_uniform_init

from ..ops import backprop_bilinear_attention, bilinear_attention
from ..types import Batch, Floats
from .gradients import learn

Given: TypeAlias = tuple[Batch, Batch]
Attended: TypeAlias = tuple[Batch, Floats]


def BilinearAttention(
    nI: int, *, heads: int, rank: int, window: int | None, causal: bool = False
) -> Model[Given, Attended]:
    """Attend by states h [N, nI] over values x [N, D], with W_a = Q'K of each head.

    Returns the context c [N, D] and received attention r [N]; no gradient flows
    through r. Q and K are [heads, rank, nI]. Raises ShapeError where D is not a
    multiple of heads.
    """
    return Model(
        "bilinear_attention",
        forward,
        init=init,
        dims={"nI": nI},
        params={"Q": None, "K": None},
        attrs={"heads": heads, "rank": rank, "window": window, "causal": causal},
    )


def forward(
    model: Any, X: Given, is_train: bool
) -> tuple[Attended, Callable[[Batch], tuple[Floats, Floats]]]:
    """Context and received attention, and the gradients of states, values, Q and K."""
    states, values = X
    given = states.data, values.data, states.starts
    query, key = model.get_param("Q"), model.get_param("K")
    view = {"window": model.attrs["window"], "causal": model.attrs["causal"]}
    context, received = bilinear_attention(*given, query, key, **view)

    def backprop(d_context: Batch) -> tuple[Floats, Floats]:
        d_states, d_values, d_query, d_key = backprop_bilinear_attention(
            d_context.data, *given, query, key, **view
        )
        learn(model, Q=d_query, K=d_key)
        return d_states, d_values

    return (Batch(context, states.starts), received), backprop


def init(model: Any, X: Given | None = None, Y: Attended | None = None) -> None:
    """Each head's Q and K as in Glorot and Bengio."""
    heads, rows = model.attrs["heads"], model.attrs["heads"] * model.attrs["rank"]
    for name in ("Q", "K"):
        flat: Any = glorot_uniform_init(model.ops, (rows, model.get_dim("nI")))
        model.set_param(name, flat.reshape(heads, model.attrs["rank"], -1))
