"""Embed: embeddings x of tokens, from hashed rows that learn and from word vectors."""

from collections.abc import Callable
from typing import Any

import numpy as np
from thinc.api import Model

from ..model.settings import HASHES, Settings
from ..types import Batch, Floats, Ragged, Tokens, starts_of
from .affine import Affine
from .block import layer
from .embedding import EmbeddingBags
from .layer_norm import LayerNorm
from .word_rows import WordRows


def Embed(settings: Settings, words: WordRows | None = None) -> Model[Tokens, Floats]:
    """Embed U different tokens: x_t = norm(sum of the rows of t's attributes + P s_t + b).

    Each attribute's value is hashed to two rows of its own range of one table,
    as spaCy's MultiHashEmbed does with four (Svenstrup et al., Hash Embeddings,
    2017). s_t is a word's vector: the mean of its rows of `words`, or a vector that is
    given with the token. P and b, norm (layer normalisation, Ba et al., 2016), attributes
    and words are each optional (see Settings).
    """
    s = settings
    layers: list[Model[Any, Any]] = [LayerNorm(s.width)] if s.normalised else []
    if s.attributes:
        layers.append(EmbeddingBags(s.width, sum(rows for _, rows in s.attributes)))
    if s.projected:
        layers.append(Affine(s.width))
    return Model(
        "embed", forward, init=init, dims={"nO": s.width}, layers=layers,
        shims=[words] if words else [], attrs={"attributes": len(s.attributes)},
    )  # fmt: skip


def forward(model: Any, X: Tokens, is_train: bool) -> tuple[Floats, Callable[[Floats], Tokens]]:
    """Embeddings [U, D], and the gradients of what learns."""
    backprops: list[Callable[[Floats], Any]] = []
    x: Any = None
    if model.attrs["attributes"]:
        size = model.attrs["attributes"] * HASHES
        mean, backprop_rows = layer(model, "embedding_bags")(X.attributes, is_train)
        x = size * mean
        backprops.append(lambda d_x: backprop_rows(size * d_x))
    if X.words is not None:
        words, backprop_words = _words(model, X.words, is_train)
        x = words if x is None else x + words
        backprops.append(backprop_words)
    norm = layer(model, "layernorm")
    y, backprop_norm = norm(x, is_train) if norm else (x, lambda d_y: d_y)

    def backprop(d_y: Floats) -> Tokens:
        d_x = backprop_norm(d_y)
        for each in backprops:
            each(d_x)
        return X

    return y, backprop


def _words(
    model: Any, given: Ragged | Floats, is_train: bool
) -> tuple[Floats, Callable[[Floats], None]]:
    """P s_t + b, or s_t."""
    shim: WordRows | None = model.shims[0] if model.shims else None
    factor = np.float32(shim.factor if shim else 1)
    if isinstance(given, Ragged):
        assert shim is not None
        vectors = shim.look_up(model.ops, given)
        vectors = vectors if factor == 1 else factor * vectors
    else:
        vectors = model.ops.asarray2f(given)
    project = layer(model, "affine")
    rows = Batch(vectors, starts_of([len(vectors)]))
    y, backprop_projected = project(rows, is_train) if project else (rows, lambda d_y: d_y)

    def backprop(d_y: Floats) -> None:
        d_vectors = backprop_projected(Batch(d_y, rows.starts)).data
        if shim is not None and shim.learns and isinstance(given, Ragged):
            shim.learn(given, model.ops.to_numpy(factor * d_vectors))

    return y.data, backprop


def init(model: Any, X: Tokens | None = None, Y: Floats | None = None) -> None:
    """Initialise all layers; X shows the width of word vectors that tokens are given with."""
    for name in ("layernorm", "embedding_bags"):
        if (each := layer(model, name)) is not None:
            each.initialize()
    project = layer(model, "affine")
    if project is None:
        return
    width = _width_of_words(model, X)
    if width is not None:
        project.set_dim("nI", width)
    if project.has_dim("nI"):
        project.initialize()
        if not model.attrs["attributes"]:
            # For an unknown word norm gets b alone, and its gradient is useless near 0.
            bias = np.random.uniform(-0.1, 0.1, model.get_dim("nO"))
            project.set_param("b", model.ops.asarray1f(bias))


def _width_of_words(model: Any, X: Tokens | None) -> int | None:
    if model.shims:
        return int(model.shims[0].table.table.shape[1])
    known = X is not None and isinstance(X.words, np.ndarray)
    return int(X.words.shape[1]) if known else None  # type: ignore[union-attr]
