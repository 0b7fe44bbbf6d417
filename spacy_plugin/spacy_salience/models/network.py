"""The encoder that learns: Docs to token vectors, as one thinc model."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from spacy.tokens import Doc
from thinc.api import Model, Ops

from salience import checks, threads
from salience.encoder.parts import chunks_of
from salience.errors import WeightsError
from salience.layers.block import Cell, Fusion, heads_of, predict, states, weights
from salience.layers.encoder import ContextEncoder
from salience.layers.folded import Folded, each_once
from salience.layers.host import on_host
from salience.model.weights import Weights
from salience.types import Batch, Floats, Ints, starts_of

from ..annotations.outputs import DocOutput, weighted_sum
from .embed import Embed, Tokens, depends_on, keys_of, read, words_of
from .words import ModelWords

Network: TypeAlias = Model[list[Doc], list[Any]]

NAME = "salience_encoder"


def build_network(
    width: int, *, depth: int, cell: Cell, heads: int, rank: int, window: int | None,
    fusion: Fusion, dropout: float, words: str | None, attrs: Sequence[str], rows: Sequence[int],
) -> Network:  # fmt: skip
    """Put the embedding and the blocks together (see Embed and ContextEncoder)."""
    embed = Embed(width, words=words, attrs=attrs, rows=rows)
    context = ContextEncoder(
        width, depth=depth, cell=cell, heads=heads, rank=rank, window=window, fusion=fusion,
        dropout=dropout,
    )  # fmt: skip
    return Model(
        NAME, forward, init=init, dims={"nO": width}, layers=[embed, context], shims=[Folded()],
    )  # fmt: skip


def is_network(model: Model[Any, Any]) -> bool:
    """Say whether this is an encoder that learns."""
    return bool(model.name == NAME)


def check_alike(model: Network, loaded: Network) -> None:
    """Refuse a model that was built otherwise than this one, or whose parameters are no numbers.

    thinc takes what it reads: names, settings and arrays of any kind.

    Raises WeightsError naming the first part that differs.
    """
    for own, other in zip(model.walk(), loaded.walk(), strict=True):
        for built, found in zip(form_of(own), form_of(other), strict=True):
            if built != found:
                raise WeightsError(
                    f"expected {built}, as the config has it, found {found}; give the encoder the "
                    "settings of the one that was saved, or train it anew"
                )
        for name in filter(other.has_param, other.param_names):
            where, array = f"the layer {own.name!r}", on_host(other.ops, other.get_param(name))
            shape = own.get_param(name).shape if own.has_param(name) else None
            checks.finite(where, name, checks.floats(where, name, array, shape))


def adopt(model: Network, loaded: Network) -> None:
    """Take over all that was loaded, from a model that is alike and not used any more.

    It may have been loaded to a GPU that was preferred since this one was made.
    """
    for own, other in zip(model.walk(), loaded.walk(), strict=True):
        for name in filter(other.has_dim, other.dim_names):
            own.set_dim(name, other.get_dim(name))
        for name in other.param_names:
            array: Any = other.get_param(name) if other.has_param(name) else None
            own.set_param(name, None if array is None else own.ops.asarray_f(array))
        own.attrs.update(other.attrs)
        own.shims[:] = other.shims


def form_of(node: Any) -> list[str]:
    """What a layer is: its name, dimensions, parameters and settings."""
    # What a rate of dropout is in training changes no prediction.
    settings = {
        name: type(value) if name == "dropout_rate" else value for name, value in node.attrs.items()
    }
    parts = f"dimensions {node.dim_names} and parameters {node.param_names}"
    return [f"the layer {node.name}", f"{node.name} with {parts}", f"{node.name} with {settings}"]


def blocks_of(model: Network) -> list[Model[Batch, Any]]:
    """Return the blocks, in their order."""
    return model.layers[1].layers[1:]


def word_model(model: Network) -> Weights | None:
    """Return the salience model whose words' vectors the encoder reads; None where it reads none.

    Raises WeightsError where their file is missing or damaged.
    """
    source = words_of(model.layers[0])
    return source.weights if isinstance(source, ModelWords) else None


def heads(model: Network) -> int:
    """Return how many heads the last block attends with."""
    return heads_of(blocks_of(model)[-1])


def forward(
    model: Any, docs: list[Doc], is_train: bool
) -> tuple[list[Any], Callable[[list[Any]], list[Doc]]]:
    """Each Doc's token vectors [T, D], and the gradients of all parameters."""
    if not is_train:
        return _over_chunks(model, docs, _vectors_of), _end_of_gradient
    embed, context = model.layers
    if not any(map(len, docs)):
        return [model.ops.alloc2f(0, model.get_dim("nO")) for _ in docs], _end_of_gradient
    starts = starts_of([len(doc) for doc in docs])
    x, backprop_embed = embed(read(embed, docs), is_train)
    (vectors, _), backprop_context = context(Batch(x, starts), is_train)
    num_threads = threads.get_num_threads()

    def backprop(d_vectors: list[Any]) -> list[Doc]:
        flat: Any = model.ops.xp.concatenate([model.ops.asarray2f(d) for d in d_vectors])
        # The last listener calls this, long after the component's own update.
        with threads.limited_to(num_threads):
            backprop_embed(backprop_context(Batch(flat, starts)).data)
        return []

    return vectors.documents(), backprop


def encode(model: Network, docs: Sequence[Doc]) -> list[DocOutput]:
    """Predict, with embedding and first product looked up; the outputs are on the host.

    Without a pooling of its own, what is salient is what receives attention:
    s = r, and the document vector is sum_t r_t v_t.
    """
    return _over_chunks(model, docs, partial(_outputs_of, model.ops))


def _over_chunks(
    model: Network, docs: Sequence[Doc], each: Callable[[Batch, Floats], list[Any]]
) -> list[Any]:
    """Return what is made of v and r, for every Doc: chunks of Docs over threads.

    On a GPU, whose streams are a thread's own, all are one chunk.
    """
    if not docs:
        return []
    starts = starts_of([len(doc) for doc in docs])
    chunks = list(chunks_of(starts)) if model.ops.xp is np else [(0, len(docs))]
    outputs: dict[int, list[Any]] = {}

    def task(number: int) -> None:
        first, last = chunks[number]
        outputs[number] = each(*_encode_chunk(model, docs[first:last]))

    threads.run(task, range(len(chunks)))
    return [output for number in range(len(chunks)) for output in outputs[number]]


def _vectors_of(x: Batch, received: Floats) -> list[Floats]:
    return x.documents()


def _outputs_of(ops: Ops, x: Batch, received: Floats) -> list[DocOutput]:
    vectors, shares = (Batch(on_host(ops, part), x.starts) for part in (x.data, received))
    pairs = zip(vectors.documents(), shares.documents(), strict=True)
    return [DocOutput(v, r, r, weighted_sum(r, v)) for v, r in pairs]


def attention(model: Network, doc: Doc, rows: tuple[int, int] | None) -> Floats:
    """Return the last block's attention weights [heads, rows, T]."""
    block, *others = blocks_of(model)
    x, h = _look_up(model, [doc])
    for following in others:
        x, _ = predict(block, x, h)
        block, h = following, states(following, x)
    return on_host(model.ops, weights(block, h, rows))


def _encode_chunk(model: Network, docs: Sequence[Doc]) -> tuple[Batch, Floats]:
    block, *others = blocks_of(model)
    x, h = _look_up(model, docs)
    x, received = predict(block, x, h)
    for block in others:
        x, received = predict(block, x, states(block, x))
    return x, received


def _look_up(model: Network, docs: Sequence[Doc]) -> tuple[Batch, Batch]:
    """The embeddings x of all tokens, and the first block's states, by u = W_x x + b."""
    embed = model.layers[0]
    inputs, cell = blocks_of(model)[0].layers[:2]
    tokens = read(embed, docs)

    def compute(places: Ints) -> tuple[Floats, Floats]:
        x = embed.predict(Tokens(tokens.values[places], tokens.vocab))
        return x, inputs.predict(Batch(x, starts_of([len(x)]))).data

    keys, others = keys_of(tokens.values), depends_on(embed)
    if others is None:
        x, u = each_once(keys, compute)
    else:
        behind = [
            node.get_param(name) for part in (embed, inputs) for node in part.walk()
            for name in node.param_names
        ]  # fmt: skip
        folded: Any = model.shims[0]
        x, u = folded.rows(keys, behind + others, compute)
    starts = starts_of([len(doc) for doc in docs])
    return Batch(x, starts), cell.predict(Batch(u, starts))


def _end_of_gradient(d_vectors: list[Any]) -> list[Doc]:
    return []


def init(model: Any, X: Sequence[Doc] | None = None, Y: Any = None) -> None:
    """Start all parts, from a sample of Docs where the vocab's vectors are used."""
    embed, context = model.layers
    embed.initialize(read(embed, X) if X else None)
    context.initialize()
