"""The encoder that learns: embedding, blocks and pooling, and their gradients."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from thinc.api import Model

from ..model.settings import Settings
from ..ops import backprop_embedding, embedding_bags
from ..types import Batch, Encoded, Floats, Ints, Ragged, Tokens
from .context import ContextEncoder, Repeated
from .embed import Embed
from .host import on_host
from .pooling import Pooling, pool
from .word_rows import WordRows


class Lookup(NamedTuple):
    """A batch of B documents with N tokens, U of them different.

    tokens: the different ones, as Embed takes them. places: which of them each token
    is [N]. starts: where each document begins [B + 1].
    """

    tokens: Tokens
    places: Ints
    starts: Ints


class Layers(NamedTuple):
    """The layers of an encoder; there is a pooling where the settings say "salience"."""

    settings: Settings
    embed: Model[Tokens, Floats]
    context: Model[Repeated, tuple[Batch, Floats]]
    pooling: Model[Batch, Floats] | None

    @property
    def all(self) -> list[Model[Any, Any]]:
        """Every layer, in their order."""
        return [self.embed, self.context, *([self.pooling] if self.pooling else [])]

    @property
    def words(self) -> WordRows | None:
        """The word table, where there is one."""
        return self.embed.shims[0] if self.embed.shims else None  # type: ignore[return-value]


Gradient = Callable[[Floats | None, Floats | None], None]
"""Takes dL/dv [N, D] and dL/dd, each None where there is none."""


def build_layers(settings: Settings, words: WordRows | None = None, dropout: float = 0.0) -> Layers:
    """Return the layers of an encoder, not yet initialised.

    x = embed(tokens), v, r = blocks(x), s, d = pooling(v)

    Raises RangeError or ShapeError where the settings are not valid.
    """
    settings.check()
    pooling = None
    if settings.pooling == "salience":
        pooling = Pooling(settings.width, settings.document_width)
    return Layers(settings, Embed(settings, words), ContextEncoder(settings, dropout), pooling)


def encode(layers: Layers, batch: Lookup, is_train: bool) -> tuple[Encoded, Gradient]:
    """Return the encoder's results for a batch, and the function that backpropagates gradients.

    v and d are multiplied by the settings' scale. Without a pooling s = r.
    """
    tokens, places, starts = batch
    rows, backprop_embed = layers.embed(tokens, is_train)
    given = Repeated(rows, places, starts)
    (v, received), backprop_context = layers.context(given, is_train)
    scale = np.float32(layers.settings.scale)
    if layers.pooling is None:
        salience, documents, backprop_pool = received, _sums(layers, v, received), None
    else:
        weights = _weights(layers, tokens, places)
        (salience, documents), backprop_pool = pool(layers.pooling, v, weights)

    def backprop(d_vectors: Floats | None, d_documents: Floats | None = None) -> None:
        d_v: Any = None if d_vectors is None else scale * d_vectors
        d_weights: Floats | None = None
        if d_documents is not None:
            assert backprop_pool is not None, "received attention has no gradient"
            d_pooled, d_weights = backprop_pool(scale * d_documents)
            d_v = d_pooled if d_v is None else d_v + d_pooled
        backprop_embed(backprop_context(Batch(d_v, starts)))
        _learn_weights(layers, batch, d_weights)

    return Encoded(scale * v.data, salience, received, scale * documents), backprop


def _weights(layers: Layers, tokens: Tokens, places: Ints) -> Floats:
    """The pooling logit w of each token's word [N]."""
    words, ops = layers.words, layers.context.ops
    if words is None or not isinstance(tokens.words, Ragged):
        return ops.alloc1f(len(places))  # type: ignore[return-value]
    by_word = embedding_bags(words.logits.table, *tokens.words)
    return ops.asarray1f(by_word[places, 0])  # type: ignore[return-value]


def _learn_weights(layers: Layers, batch: Lookup, d_weights: Floats | None) -> None:
    words, bags = layers.words, batch.tokens.words
    if words is None or d_weights is None or not words.learns or not isinstance(bags, Ragged):
        return
    d_each = on_host(layers.context.ops, d_weights)[:, None]
    d_words = backprop_embedding(d_each, batch.places, len(bags.starts) - 1)
    words.learn_logits(bags, d_words)


def _sums(layers: Layers, v: Batch, received: Floats) -> Floats:
    """d = sum_t r_t v_t of each document."""
    xp = layers.context.ops.xp
    documents = [
        shares @ rows
        for shares, rows in zip(Batch(received, v.starts).documents(), v.documents(), strict=True)
    ]
    stacked: Floats = xp.stack(documents) if documents else xp.zeros((0, v.data.shape[1]), "f")
    return stacked


def initialize(layers: Layers, tokens: Tokens | None = None) -> None:
    """Initialise all layers; a sample of tokens shows the width of vectors given with them."""
    layers.embed.initialize(tokens)
    layers.context.initialize()
    if layers.pooling:
        layers.pooling.initialize()
