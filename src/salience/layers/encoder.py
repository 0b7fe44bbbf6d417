"""ContextEncoder: blocks on top of each other, from embeddings to token vectors."""

from collections.abc import Callable
from typing import Any

from thinc.api import Dropout, Model

from .. import checks, threads
from ..types import Batch, on_gpu
from .block import Block, Cell, Encoded, Fusion
from .gradients import Collected, add_all, collecting

PART = 512
"""Tokens that a thread works out by itself, all blocks of them: few enough to stay in cache."""


def ContextEncoder(
    width: int, *, depth: int, cell: Cell = "gated", heads: int = 1, rank: int = 32,
    window: int | None = 16, fusion: Fusion = "concat", dropout: float = 0.0,
) -> Model[Batch, Encoded]:  # fmt: skip
    """Encode embeddings x [N, D] in `depth` blocks; return v [N, D] and r [N].

    v(0) = dropout(x), v(l) = block(v(l - 1)); r is the attention each token
    receives in the last block, which sums to 1 over a document.

    Raises RangeError where depth is not at least 1.
    """
    checks.at_least("ContextEncoder", "depth", depth, 1)
    blocks = [
        Block(width, cell=cell, heads=heads, rank=rank, window=window, fusion=fusion)
        for _ in range(depth)
    ]
    dims: dict[str, int | None] = {"nO": width, "nI": width}
    return Model(
        "context_encoder", forward, init=init, dims=dims, layers=[Dropout(dropout), *blocks]
    )


def forward(model: Any, X: Batch, is_train: bool) -> tuple[Encoded, Callable[[Batch], Batch]]:
    """Token vectors and received attention; the gradient is that of the token vectors.

    Documents are divided into parts, which threads work out side by side. How,
    depends on the batch alone, and so do the bits of all gradients. On a GPU,
    whose streams are a thread's own, all are one part.
    """
    dropout, *blocks = model.layers
    xp = model.ops.xp
    data, backprop_dropout = dropout(X.data, is_train)
    runs = threads.runs(X.starts, len(data) if on_gpu(data) else PART)
    rows = [run.rows for run in runs]
    done: dict[int, tuple[Encoded, Callable[[Batch], Batch]]] = {}

    def task(number: int) -> None:
        part = Batch(data[rows[number]], runs[number].starts - rows[number].start)
        done[number] = _chain(blocks, part, is_train)

    threads.run(task, range(len(runs)))
    parts = [done[number][0] for number in range(len(runs))]

    def backprop(dY: Batch) -> Batch:
        d_data = xp.empty_like(X.data)
        collected: list[Collected] = [[] for _ in runs]

        def task_back(number: int) -> None:
            (part, _), backprop_part = done[number]
            with collecting() as gradients:
                d_part = backprop_part(Batch(dY.data[rows[number]], part.starts))
            d_data[rows[number]], collected[number] = d_part.data, gradients

        threads.run(task_back, range(len(runs)))
        add_all(collected)
        return Batch(backprop_dropout(d_data), X.starts)

    vectors = Batch(xp.concatenate([part.data for part, _ in parts]), X.starts)
    return (vectors, xp.concatenate([received for _, received in parts])), backprop


def _chain(
    blocks: list[Model[Batch, Encoded]], X: Batch, is_train: bool
) -> tuple[Encoded, Callable[[Batch], Batch]]:
    backprops: list[Callable[[Any], Any]] = []
    for block in blocks:
        (X, received), backprop_block = block(X, is_train)
        backprops.append(backprop_block)

    def backprop(dY: Batch) -> Batch:
        for backprop_block in reversed(backprops):
            dY = backprop_block(dY)
        return dY

    return (X, received), backprop


def init(model: Any, X: Any = None, Y: Any = None) -> None:
    """Start all blocks; their sizes are known."""
    for layer in model.layers:
        layer.initialize()
