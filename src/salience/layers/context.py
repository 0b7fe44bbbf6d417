"""ContextEncoder: blocks on top of each other, from embeddings to token vectors."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias, cast

from thinc.api import Dropout, Model

from .. import threads
from ..model.settings import Settings
from ..ops import backprop_embedding, embedding
from ..types import Batch, Floats, Ints, on_gpu
from . import block as blocks_of
from .block import Block, Encoded, Projected
from .gradients import Collected, add_all, collecting

RUN = 512
"""Tokens of a run, which one thread takes through all blocks: few enough to stay in cache."""


class Repeated(NamedTuple):
    """Embeddings of N tokens, U of them different: token t has rows[places[t]].

    rows [U, D], places [N] and where each document begins, starts [B + 1].
    """

    rows: Floats
    places: Ints
    starts: Ints


Part: TypeAlias = tuple[Batch, Projected]


def ContextEncoder(settings: Settings, dropout: float = 0.0) -> Model[Repeated, Encoded]:
    """Encode embeddings of N tokens in blocks; return v [N, D] and r [N].

    v(0) = dropout(x), v(l) = block(v(l - 1)); r is the attention each token
    receives in the last block, which sums to 1 over a document.
    """
    width = settings.width
    blocks = [Block(each, width) for each in settings.blocks]
    dims: dict[str, int | None] = {"nO": width, "nI": width}
    return Model(
        "context_encoder", forward, init=init, dims=dims, layers=[Dropout(dropout), *blocks]
    )


def forward(model: Any, X: Repeated, is_train: bool) -> tuple[Encoded, Callable[[Batch], Floats]]:
    """Token vectors and received attention; the gradient is that of the rows [U, D].

    Threads share the documents in runs, which depend on the batch alone: so do the bits
    of all gradients. On a GPU, where each thread has a stream of its own, there is one run.
    """
    _, first, *others = model.layers
    given, backprop_given = _given(model, X, is_train)
    runs = threads.runs(X.starts, len(X.places) if on_gpu(X.rows) else RUN)
    done: dict[int, tuple[Encoded, Callable[[Batch], Part]]] = {}

    def task(number: int) -> None:
        done[number] = _chain(first, others, _part(given, X.starts, runs[number]), is_train)

    threads.run(task, range(len(runs)))
    xp = model.ops.xp
    vectors, received = (
        xp.concatenate(parts)
        for parts in zip(
            *((v.data, r) for (v, r), _ in (done[n] for n in range(len(runs)))), strict=True
        )
    )

    def backprop(dY: Batch) -> Floats:
        collected: list[Collected] = [[] for _ in runs]
        parts: dict[int, Part] = {}

        def task_back(number: int) -> None:
            run = runs[number]
            with collecting() as gradients:
                d_part = Batch(dY.data[run.rows], run.starts - run.rows.start)
                parts[number] = done[number][1](d_part)
            collected[number] = gradients

        threads.run(task_back, range(len(runs)))
        add_all(collected)
        return backprop_given(_joined(xp, [parts[number] for number in range(len(runs))]))

    return (Batch(vectors, X.starts), received), backprop


def _given(model: Any, X: Repeated, is_train: bool) -> tuple[Part, Callable[[Part], Floats]]:
    """The first block's input; its products are computed once for each different token."""
    dropout, first, *_ = model.layers
    places: Any = model.ops.asarray(X.places)
    if is_train and dropout.attrs["dropout_rate"]:
        x, backprop_dropout = dropout(embedding(X.rows, places), is_train)
        projected, backprop_projected = blocks_of.project(first, x, is_train)

        def backprop_each(d: Part) -> Floats:
            d_x = backprop_dropout(d[0].data + backprop_projected(d[1]))
            return backprop_embedding(d_x, places, len(X.rows))

        return (Batch(x, X.starts), projected), backprop_each
    projected, backprop_projected = blocks_of.project(first, X.rows, is_train)

    def backprop(d: Part) -> Floats:
        def of_rows(each: Floats) -> Floats:
            return backprop_embedding(each, places, len(X.rows))

        d_u, d_o = d[1]
        d_projected = of_rows(d_u), None if d_o is None else of_rows(d_o)
        d_rows: Any = backprop_projected(d_projected)
        return cast(Floats, of_rows(d[0].data) + d_rows)

    u, o = projected
    x, h_inputs = embedding(X.rows, places), embedding(u, places)
    logits = None if o is None else embedding(o, places)
    return (Batch(x, X.starts), (h_inputs, logits)), backprop


def _part(given: Part, starts: Ints, run: threads.Run) -> Part:
    x, (u, o) = given
    own = Batch(x.data[run.rows], run.starts - run.rows.start)
    return own, (u[run.rows], None if o is None else o[run.rows])


def _joined(xp: Any, parts: list[Part]) -> Part:
    d_x, d_u = (
        xp.concatenate(each) for each in zip(*((x.data, u) for x, (u, _) in parts), strict=True)
    )
    d_o = None if parts[0][1][1] is None else xp.concatenate([o for _, (_, o) in parts])
    return Batch(d_x, parts[0][0].starts), (d_u, d_o)


def _chain(
    first: Any, others: list[Any], given: Part, is_train: bool
) -> tuple[Encoded, Callable[[Batch], Part]]:
    (x, received), backprop_first = blocks_of.run(first, *given, is_train)
    backprops: list[Callable[[Any], Any]] = []
    for block in others:
        (x, received), backprop_block = block(x, is_train)
        backprops.append(backprop_block)

    def backprop(dY: Batch) -> Part:
        for backprop_block in reversed(backprops):
            dY = backprop_block(dY)
        d_x, d_projected = backprop_first(dY)
        return Batch(d_x, dY.starts), d_projected

    return (x, received), backprop


def init(model: Any, X: Any = None, Y: Any = None) -> None:
    """Initialise all blocks, whose sizes are known."""
    for layer in model.layers:
        layer.initialize()
