"""From Docs to embeddings: hashed rows that learn, and word vectors that do not."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from spacy.attrs import intify_attr
from spacy.tokens import Doc
from spacy.vocab import Vocab
from thinc.api import LayerNorm, Model, NumpyOps

from salience import checks
from salience.errors import AnnotationError, RangeError, WeightsError
from salience.layers import Affine, EmbeddingBags
from salience.layers.folded import Keys
from salience.types import Batch, Floats, Ragged, starts_of

from .attributes import attributes_of
from .words import ModelWords, VocabWords, Words


class Tokens(NamedTuple):
    """What a batch of N tokens is embedded by: attributes [N, attributes] and their vocab."""

    values: Keys
    vocab: Vocab


HASHES = 2
"""Rows of an attribute's value: two values that share one rarely share both."""


def Embed(
    width: int, *, words: str | None, attrs: Sequence[str], rows: Sequence[int]
) -> Model[Tokens, Floats]:
    """Embed tokens: x_t = norm(sum of the rows of t's attributes + P s_t + b).

    Each attribute's value is hashed to two rows of its own range of one table,
    as spaCy's MultiHashEmbed does with four (Svenstrup et al., Hash Embeddings,
    2017). s_t is a word vector that does not learn, of a salience model, of a
    file, or ("vectors") of nlp.vocab; None leaves it out. norm is layer
    normalisation (Ba et al., 2016). Rows change with the table only by training.

    Raises RangeError where attrs and rows do not pair up, or nothing is embedded.
    """
    where = "Encoder.v1"
    if len(attrs) != len(rows):
        raise RangeError(
            f"{where}: attrs and rows must be as many, got {len(attrs)} and {len(rows)}"
        )
    if not attrs and words is None:
        raise RangeError(f"{where}: nothing to embed; give attrs with rows, or words")
    for count in rows:
        checks.at_least(where, "rows", count, 1)
    if any(intify_attr(attr) is None for attr in attrs):
        raise RangeError(f"{where}: attrs must be names of spaCy's attributes, got {list(attrs)}")
    source: Words | None = None
    if words is not None:
        source = VocabWords() if words == "vectors" else ModelWords(words)
    layers: list[Model[Any, Any]] = [LayerNorm(width)]
    if attrs:
        layers.append(EmbeddingBags(width, sum(rows)))
    if source:
        layers.append(Affine(width))
    return Model(
        "embed", forward, init=init, dims={"nO": width}, layers=layers,
        attrs={"attrs": list(attrs), "rows": list(rows), "vectors": words == "vectors"},
        shims=[source] if isinstance(source, ModelWords) else [],
    )  # fmt: skip


def words_of(model: Model[Tokens, Floats]) -> Words | None:
    """Return where the model's word vectors come from."""
    if model.attrs["vectors"]:
        return VocabWords()
    return cast(Words, model.shims[0]) if model.shims else None


def read(model: Model[Tokens, Floats], docs: Sequence[Doc]) -> Tokens:
    """Return the attributes of all tokens that their embeddings depend on.

    Raises AnnotationError where word vectors are read and the vocabs differ.
    """
    names = [intify_attr(name) for name in model.attrs["attrs"]]
    words, vocab = words_of(model), docs[0].vocab
    if words and any(doc.vocab is not vocab for doc in docs):
        raise AnnotationError(
            "Encoder.v1: expected the documents of a batch to share one vocab, got several; make "
            "them with the pipeline's own nlp.make_doc"
        )
    parts = [attributes_of(doc, names) for doc in docs]
    values = np.concatenate(parts)
    if words:
        keys = [doc.to_array([words.attr(vocab)]).reshape(-1, 1) for doc in docs]
        values = np.concatenate([values, np.concatenate(keys)], axis=1)
    return Tokens(values, vocab)


def depends_on(model: Model[Tokens, Floats]) -> list[Any] | None:
    """Return what else embeddings depend on, apart from the tokens and what learns.

    None where that may change unseen.
    """
    words = words_of(model)
    return words.depends_on() if words else []


def keys_of(values: Keys) -> Keys:
    """Return one key for each token [N], of all its attributes."""
    key = np.zeros(len(values), dtype=np.uint64)
    for column in values.T:
        key = (key ^ column) * np.uint64(0x9E3779B97F4A7C15)
        key ^= key >> np.uint64(29)
    return key


def forward(model: Any, X: Tokens, is_train: bool) -> tuple[Floats, Callable[[Floats], Tokens]]:
    """Embeddings of all tokens end to end, and the gradients of what learns."""
    norm, *parts = model.layers
    x = model.ops.alloc2f(len(X.values), model.get_dim("nO"))
    backprops: list[Callable[[Floats], Any]] = []
    if model.attrs["attrs"]:
        size = len(model.attrs["attrs"]) * HASHES
        mean, backprop_rows = parts[0](_bags(model, X.values), is_train)
        x += size * mean
        backprops.append(lambda d_x: backprop_rows(size * d_x))
    words = words_of(model)
    if words:
        _check_width(words.width(X.vocab), parts[-1].get_dim("nI"))
        keys = np.ascontiguousarray(X.values[:, -1])
        given = Batch(words.vectors(keys, X.vocab, model.ops), starts_of([len(x)]))
        projected, backprop_words = parts[-1](given, is_train)
        x += projected.data
        backprops.append(lambda d_x: backprop_words(Batch(d_x, given.starts)))
    y, backprop_norm = norm(x, is_train)

    def backprop(d_y: Floats) -> Tokens:
        d_x = backprop_norm(d_y)
        for each in backprops:
            each(d_x)
        return X

    return y, backprop


def _check_width(found: int | None, trained: int) -> None:
    if found != trained:
        raise WeightsError(
            f"Encoder.v1: expected word vectors of width {trained}, on which it was trained, found "
            f"{found}; load the vectors that it was trained with into nlp.vocab"
        )


def _bags(model: Model[Tokens, Floats], values: Keys) -> Ragged:
    """The table's rows of every token: HASHES of each attribute's own range."""
    sizes = model.attrs["rows"]
    ids = np.empty((len(values), len(sizes), HASHES), dtype=np.int64)
    first = 0
    for place, size in enumerate(sizes):
        hashed = NumpyOps().hash(np.ascontiguousarray(values[:, place]), place)
        ids[:, place] = hashed[:, :HASHES] % size + first
        first += size
    return Ragged(ids.reshape(-1), np.arange(len(values) + 1) * len(sizes) * HASHES)


def init(model: Any, X: Tokens | None = None, Y: Floats | None = None) -> None:
    """Start all parts; of the vectors of a vocab only X knows how wide they are."""
    norm, *parts = model.layers
    norm.initialize()
    words = words_of(model)
    if model.attrs["attrs"]:
        parts[0].initialize()
    width = words.width(None if X is None else X.vocab) if words else None
    if width is not None:
        parts[-1].set_dim("nI", width)
    if words and parts[-1].has_dim("nI"):
        parts[-1].initialize()
        if not model.attrs["attrs"]:
            # An unknown word is b alone, and norm has no gradient to speak of at 0.
            bias = np.random.uniform(-0.1, 0.1, model.get_dim("nO"))
            parts[-1].set_param("b", model.ops.asarray1f(bias))
