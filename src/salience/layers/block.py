"""Block: recurrence, attention and fusion, from token vectors to token vectors."""

from collections.abc import Callable
from typing import Any, Literal, TypeAlias, cast

import numpy as np
from thinc.api import Model, Ops

from .. import checks, threads
from ..ops import attention_weights
from ..types import Batch, Floats, on_gpu, starts_of
from .affine import Affine
from .bilinear_attention import BilinearAttention
from .fusion import ConcatFusion, GateFusion
from .gated_recurrence import GatedRecurrence
from .linear_recurrence import LinearRecurrence
from .tanh_recurrence import TanhRecurrence

Cell: TypeAlias = Literal["linear", "tanh", "gated"]
Fusion: TypeAlias = Literal["gate", "concat"]
Encoded: TypeAlias = tuple[Batch, Floats]

CELLS: dict[str, Callable[[int], Model[Batch, Batch]]] = {
    "linear": LinearRecurrence,
    "tanh": TanhRecurrence,
    "gated": GatedRecurrence,
}
FUSIONS: dict[str, Callable[[int, int], Model[Any, Batch]]] = {
    "gate": GateFusion,
    "concat": ConcatFusion,
}


def Block(
    width: int, *, cell: Cell, heads: int, rank: int, window: int | None, fusion: Fusion,
) -> Model[Batch, Encoded]:  # fmt: skip
    """Give each token what its document says: x [N, D] to v [N, D] and r [N].

    h = cell(W_x x + b), c = attention of h over x, v = fusion(x, h, c)

    There are as many states as columns, half of them in each direction.
    heads = 0 leaves attention out: c = 0, and r is even over a document.

    Raises RangeError or ShapeError where the width is odd or no multiple of
    heads, or a size or a name is none there can be.
    """
    _check(width, cell, heads, rank, window, fusion)
    inputs = Affine(2 * width if cell == "gated" else width, width)
    layers: list[Model[Any, Any]] = [
        inputs, CELLS[cell](width), FUSIONS[fusion](width, width)
    ]  # fmt: skip
    if heads:
        layers.append(BilinearAttention(width, heads=heads, rank=rank, window=window))
    return Model("block", forward, init=init, dims={"nO": width, "nI": width}, layers=layers)


def _check(
    width: int, cell: Cell, heads: int, rank: int, window: int | None, fusion: Fusion
) -> None:
    where = "Block"
    checks.even(where, "width", checks.at_least(where, "width", width, 2))
    if checks.at_least(where, "heads", heads, 0):
        checks.multiple(where, "width", width, "heads", heads)
    checks.at_least(where, "rank", rank, 1)
    if window is not None:
        checks.at_least(where, "window", window, 0)
    checks.one_of(where, "cell", cell, tuple(CELLS))
    checks.one_of(where, "fusion", fusion, tuple(FUSIONS))


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Encoded, Callable[[Batch], Batch]]:
    """Token vectors and received attention; the gradient is that of the token vectors."""
    inputs, cell, fuse, *attention = model.layers
    u, bp_inputs = inputs(X, is_train)
    h, bp_cell = cell(u, is_train)
    (c, received), bp_attention = _attend(model.ops, attention, h, X, is_train)
    v, bp_fuse = fuse((X, h, c), is_train)

    def backprop(dY: Batch) -> Batch:
        d_passed, d_h, d_c = bp_fuse(dY)
        d_states, d_values = bp_attention(d_c)
        d_x = bp_inputs(bp_cell(Batch(d_h.data + d_states, X.starts)))
        return Batch(d_passed.data + d_x.data + d_values, X.starts)

    return (v, received), backprop


def predict(model: Model[Batch, Encoded], X: Batch, h: Batch) -> Encoded:
    """Return v and r of the states h, without gradients.

    Joined a few rows at a time, and in place of c: of a long document another
    [T, D] would be felt. On a GPU all at once.
    """
    _, _, fuse, *attention = model.layers
    (c, received), _ = _attend(model.ops, attention, h, X, False)

    def task(rows: slice) -> None:
        one = starts_of([rows.stop - rows.start])
        parts = tuple(Batch(part.data[rows], one) for part in (X, h, c))
        c.data[rows] = fuse.predict(parts).data

    count = len(c.data)
    threads.run(task, threads.slices(count, count if on_gpu(c.data) else None))
    return c, received


def states(model: Model[Batch, Encoded], X: Batch) -> Batch:
    """Return h [N, H], by which the block attends."""
    inputs, cell, *_ = model.layers
    result: Batch = cell.predict(inputs.predict(X))
    return result


def heads_of(model: Model[Batch, Encoded]) -> int:
    """Return how many heads the block attends with."""
    return int(model.layers[3].attrs["heads"]) if len(model.layers) > 3 else 0


def weights(model: Model[Batch, Encoded], h: Batch, rows: tuple[int, int] | None = None) -> Floats:
    """Return the attention weights [heads, rows, T] of one document's states; 0 heads: none."""
    count = len(h.data)
    first, last = rows or (0, count)
    if not heads_of(model):
        return cast(Floats, model.ops.alloc3f(0, last - first, count))
    attention: Any = model.layers[3]
    query, key = attention.get_param("Q"), attention.get_param("K")
    return attention_weights(h.data, query, key, window=attention.attrs["window"], rows=rows)


def _attend(
    ops: Ops, attention: list[Model[Any, Any]], h: Batch, x: Batch, is_train: bool
) -> tuple[Encoded, Callable[[Batch], Any]]:
    if attention:
        attended: tuple[Encoded, Callable[[Batch], Any]] = attention[0]((h, x), is_train)
        return attended
    lengths = np.diff(x.starts)
    shares: Any = np.repeat(1 / np.maximum(lengths, 1), lengths)
    even: Any = ops.asarray1f(shares)
    nothing: Any = ops.alloc2f(*x.data.shape)
    return (Batch(nothing, x.starts), even), lambda _: (nothing, nothing)


def init(model: Any, X: Batch | None = None, Y: Encoded | None = None) -> None:
    """Start all parts; their sizes are known."""
    for layer in model.layers:
        layer.initialize()
