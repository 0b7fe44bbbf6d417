"""GateFusion and ConcatFusion: embedding, state and context are joined to a token vector."""

from collections.abc import Callable
from typing import Any, TypeAlias

from thinc.api import Model, glorot_uniform_init

from ..ops import affine, backprop_affine, backprop_fusion, fusion, tanh
from ..types import Batch
from .columns import columns
from .gradients import learn

Parts: TypeAlias = tuple[Batch, Batch, Batch]


def GateFusion(nO: int, nI: int) -> Model[Parts, Batch]:
    """Join x [N, nO], h [N, nI] and c [N, nO] to v_t = x_t + W_f h_t + g * c_t.

    W_f [nO, nI] starts as in Glorot and Bengio, g [nO] at 1/2.
    """
    return Model(
        "gate_fusion", forward_gate, init=init_gate, dims={"nO": nO, "nI": nI},
        params={"W": None, "g": None},
    )  # fmt: skip


def ConcatFusion(nO: int, nI: int) -> Model[Parts, Batch]:
    """Join x [N, nO], h [N, nI] and c [N, nO] to v_t = x_t + tanh(W (x_t, h_t, c_t) + b).

    W [nO, nO + nI + nO] starts as in Glorot and Bengio, but at 0 for the
    context, which enters as far as it helps. Source: Luong et al., 2015
    (the attentional state), with a residual connection for x (He et al., 2016).
    """
    return Model(
        "concat_fusion", forward_concat, init=init_concat, dims={"nO": nO, "nI": nI},
        params={"W": None, "b": None},
    )  # fmt: skip


def forward_gate(
    model: Any, parts: Parts, is_train: bool
) -> tuple[Batch, Callable[[Batch], Parts]]:
    """v_t = x_t + W_f h_t + g * c_t, and its gradients."""
    x, h, c = (part.data for part in parts)
    lengths, weight, gate = parts[0].starts, model.get_param("W"), model.get_param("g")

    def backprop(dY: Batch) -> Parts:
        d_h, d_c, d_weight, d_gate = backprop_fusion(dY.data, h, c, weight, gate)
        learn(model, W=d_weight, g=d_gate)
        return Batch(dY.data, lengths), Batch(d_h, lengths), Batch(d_c, lengths)

    return Batch(fusion(x, h, c, weight, gate), lengths), backprop


def init_gate(model: Any, X: Parts | None = None, Y: Batch | None = None) -> None:
    """W_f as in Glorot and Bengio, g = 1/2."""
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    model.set_param("W", glorot_uniform_init(model.ops, (nO, nI)))
    model.set_param("g", model.ops.alloc1f(nO) + 0.5)


def forward_concat(
    model: Any, parts: Parts, is_train: bool
) -> tuple[Batch, Callable[[Batch], Parts]]:
    """v_t = x_t + tanh(W (x_t, h_t, c_t) + b), and its gradients."""
    x, h, c = (part.data for part in parts)
    lengths, weight = parts[0].starts, model.get_param("W")
    joined = model.ops.xp.concatenate([x, h, c], axis=1)
    bent = tanh(affine(joined, weight, model.get_param("b")))

    def backprop(dY: Batch) -> Parts:
        d_joined, d_weight, d_bias = backprop_affine(dY.data * (1 - bent * bent), joined, weight)
        learn(model, W=d_weight, b=d_bias)
        d_x, d_h, d_c = columns(model.ops, d_joined, x.shape[1], h.shape[1], c.shape[1])
        return Batch(dY.data + d_x, lengths), Batch(d_h, lengths), Batch(d_c, lengths)

    return Batch(x + bent, lengths), backprop


def init_concat(model: Any, X: Parts | None = None, Y: Batch | None = None) -> None:
    """W as in Glorot and Bengio, but 0 for the context; b = 0."""
    nO, nI = model.get_dim("nO"), model.get_dim("nI")
    known = glorot_uniform_init(model.ops, (nO, nO + nI))
    model.set_param("W", model.ops.xp.concatenate([known, model.ops.alloc2f(nO, nO)], axis=1))
    model.set_param("b", model.ops.alloc1f(nO))
