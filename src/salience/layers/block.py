"""Block: recurrence, attention, output gate and fusion, from token vectors to token vectors."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import numpy as np
from thinc.api import Model

from ..model.settings import BlockSettings, cell_of
from ..types import Batch, Floats, starts_of
from .affine import Affine
from .bilinear_attention import BilinearAttention
from .fusion import ConcatFusion, GateFusion
from .gated_recurrence import GatedRecurrence
from .layer_norm import LayerNorm
from .linear_recurrence import LinearRecurrence
from .output_gate import OutputGate
from .tanh_recurrence import TanhRecurrence

Encoded: TypeAlias = tuple[Batch, Floats]
Projected: TypeAlias = tuple[Floats, Floats | None]
"""The cell's inputs u [N, inputs], and the output gate's logits o [N, H] where it has one."""

CELLS: Mapping[str, Callable[[int], Model[Batch, Batch]]] = {
    "linear": LinearRecurrence,
    "tanh": TanhRecurrence,
    "gated": GatedRecurrence,
}
FUSIONS: Mapping[str, Callable[[int, int], Model[Any, Batch]]] = {
    "gate": GateFusion,
    "concat": ConcatFusion,
}
LOGITS = "output_affine"
"""The name of the layer o = W_o x + b_o."""


def Block(settings: BlockSettings, width: int) -> Model[Batch, Encoded]:
    """Map embeddings to vectors in context: x [N, D] to v [N, D] and r [N].

    h = cell(W_x x + b), c = attention of h over x, y = sigmoid(W_o x + b_o) * h,
    v = norm(fusion(x, y, c))

    Attention, output gate and normalisation are optional (see BlockSettings): without
    them c = 0 and r is even over a document, y = h, and norm is the identity.

    Raises RangeError or ShapeError where the width is no multiple of
    heads, or a size or a name is not valid.
    """
    s = settings
    s.check("Block", width)
    inputs = Affine(cell_of(s.cell, s.states).inputs * s.states, width)
    layers: list[Model[Any, Any]] = [
        inputs, CELLS[s.cell](s.states), FUSIONS[s.fusion](width, s.states)
    ]  # fmt: skip
    if s.heads:
        layers.append(
            BilinearAttention(
                s.states, heads=s.heads, rank=s.rank, window=s.window, causal=s.causal
            )
        )
    if s.output_gate:
        logits = Affine(s.states, width)
        logits.name = LOGITS
        layers += [logits, OutputGate(s.states)]
    if s.normalised:
        layers.append(LayerNorm(width))
    # Recurrence or attention that is off adds nothing to v, and does not learn.
    attrs = {"recurrence": True, "attention": bool(s.heads)}
    dims: dict[str, int | None] = {"nO": width, "nI": width}
    return Model("block", forward, init=init, dims=dims, layers=layers, attrs=attrs)


def layer(model: Model[Any, Any], name: str) -> Any:
    """Return the layer of this name, or None."""
    return next((each for each in model.layers if each.name == name), None)


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Encoded, Callable[[Batch], Batch]]:
    """Token vectors and received attention; the gradient is that of the token vectors."""
    projected, backprop_projected = project(model, X.data, is_train)
    encoded, backprop_run = run(model, X, projected, is_train)

    def backprop(dY: Batch) -> Batch:
        d_x, d_projected = backprop_run(dY)
        return Batch(d_x + backprop_projected(d_projected), X.starts)

    return encoded, backprop


def project(
    model: Model[Batch, Encoded], x: Floats, is_train: bool
) -> tuple[Projected, Callable[[Projected], Floats]]:
    """u = W_x x + b and o = W_o x + b_o of any rows x [N, D]."""
    rows = Batch(x, starts_of([len(x)]))
    if not (model.attrs["recurrence"] or model.attrs["attention"]):
        return (x, None), lambda _: model.ops.xp.zeros_like(x)
    u, backprop_inputs = model.layers[0](rows, is_train)
    gate = layer(model, LOGITS) if model.attrs["recurrence"] else None
    o, backprop_gate = gate(rows, is_train) if gate else (None, None)

    def backprop(d_projected: Projected) -> Floats:
        d_u, d_o = d_projected
        d_x: Floats = backprop_inputs(Batch(d_u, rows.starts)).data
        if backprop_gate and d_o is not None:
            d_x = d_x + backprop_gate(Batch(d_o, rows.starts)).data
        return d_x

    return (u.data, o.data if o else None), backprop


def run(
    model: Any, X: Batch, projected: Projected, is_train: bool
) -> tuple[Encoded, Callable[[Batch], tuple[Floats, Projected]]]:
    """v and r, from x and its projections u and o; and the gradients of these."""
    u, o = projected
    if not (model.attrs["recurrence"] or model.attrs["attention"]):
        return (X, _even(model, X)), lambda dY: (dY.data, (u, None))
    h, backprop_cell = model.layers[1](Batch(u, X.starts), is_train)
    (c, received), backprop_attention = _attend(model, h, X, is_train)
    y, backprop_gate = _gate(model, h, o, is_train)
    fused, backprop_fuse = model.layers[2]((X, y, c), is_train)
    norm = layer(model, "layernorm")
    v, backprop_norm = norm(fused.data, is_train) if norm else (fused.data, None)

    def backprop(dY: Batch) -> tuple[Floats, Projected]:
        d_fused = Batch(backprop_norm(dY.data), X.starts) if backprop_norm else dY
        d_passed, d_y, d_c = backprop_fuse(d_fused)
        d_h, d_o = backprop_gate(d_y)
        d_states, d_values = backprop_attention(d_c)
        d_u: Batch = backprop_cell(Batch(d_h + d_states, X.starts))
        return d_passed.data + d_values, (d_u.data, d_o)

    return (Batch(v, X.starts), received), backprop


def _gate(
    model: Any, h: Batch, o: Floats | None, is_train: bool
) -> tuple[Batch, Callable[[Batch], tuple[Floats, Floats | None]]]:
    """The states that the fusion adds: y, or h without an output gate, or zeros."""
    if not model.attrs["recurrence"]:
        zeros = model.ops.xp.zeros_like(h.data)
        return Batch(zeros, h.starts), lambda _: (zeros, None)
    if o is None:
        return h, lambda d_h: (d_h.data, None)
    gated: tuple[Batch, Any] = layer(model, "output_gate")((h, o), is_train)
    return gated


def _attend(
    model: Any, h: Batch, x: Batch, is_train: bool
) -> tuple[Encoded, Callable[[Batch], Any]]:
    if model.attrs["attention"]:
        attended: tuple[Encoded, Any] = layer(model, "bilinear_attention")((h, x), is_train)
        return attended
    nothing = Batch(model.ops.xp.zeros_like(x.data), x.starts)
    d_states = model.ops.xp.zeros_like(h.data)
    return (nothing, _even(model, x)), lambda _: (d_states, nothing.data)


def _even(model: Any, x: Batch) -> Floats:
    """1 / T for each of the T tokens of a document."""
    lengths = np.diff(x.starts)
    shares: Any = np.repeat(1 / np.maximum(lengths, 1), lengths)
    even: Floats = model.ops.asarray1f(shares)
    return even


def init(model: Any, X: Batch | None = None, Y: Encoded | None = None) -> None:
    """Initialise all layers, whose sizes are known."""
    for each in model.layers:
        each.initialize()
