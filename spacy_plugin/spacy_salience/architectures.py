"""Architectures for spaCy's configs, each under a name with its version."""

from collections.abc import Callable
from typing import Any, Literal

from spacy.tokens import Doc
from thinc.api import Model

from .models.frozen import FROZEN, shim_of


def build_pretrained_model(pretrained: str) -> Model[list[Doc], list[Any]]:
    """Build "salience.Pretrained.v1": a whole encoder that was trained before, frozen.

    The gradient that listeners send back ends here. It has salience and
    document vectors of its own.

    Args:
        pretrained: an embedded model's name, or the path of a .safetensors
            file. A missing or damaged file is an error only when the model is used:
            spaCy builds it so before it loads a saved pipeline's own weights.
    """
    from salience.encoder.encoder import Encoder

    from .models.origins import made_of
    from .models.shim import EncoderShim

    shim, reason = made_of(pretrained, lambda weights: EncoderShim(Encoder(weights)))
    width = None if shim is None else shim.encoder.width
    return Model(
        FROZEN, _forward, dims={"nO": width}, shims=[shim or EncoderShim(None, reason)]
    )  # fmt: skip


def build_encoder_model(
    width: int = 128,
    depth: int = 1,
    cell: Literal["linear", "tanh", "gated"] = "gated",
    heads: int = 1,
    rank: int = 32,
    window: int | None = 16,
    fusion: Literal["gate", "concat"] = "concat",
    dropout: float = 0.0,
    words: str | None = "en_small",
    attrs: list[str] = ["NORM", "PREFIX", "SUFFIX", "SHAPE"],  # noqa: B006
    rows: list[int] = [5000, 1000, 2500, 2500],  # noqa: B006
) -> Model[list[Doc], list[Any]]:
    """Build "salience.Encoder.v1": a Tok2Vec that learns, for any spaCy config.

    v(0) = norm(sum of hashed rows + P s_t + b), v(l) = block(v(l - 1)): the
    token vectors are v(depth) [T, width]. See salience.layers for the parts.

    Args:
        width: of token vectors and states; even, and a multiple of heads.
        depth: blocks of recurrence, attention and fusion, at least 1.
        cell: of the recurrence.
        heads, rank, window: of attention; no attention where heads = 0, and
            over the whole document where window is null.
        fusion: how embedding, state and context are joined.
        dropout: spaCy sets it to training.dropout in every update.
        words: word vectors that do not learn: an embedded model's name, the
            path of a .safetensors file, "vectors" for those of nlp.vocab
            (default or floret mode), or null for none.
        attrs, rows: attributes whose hashed rows learn, and how many each has.

    Raises RangeError or ShapeError where the sizes do not fit each other.
    """
    from .models.network import build_network

    return build_network(
        width, depth=depth, cell=cell, heads=heads, rank=rank, window=window, fusion=fusion,
        dropout=dropout, words=words, attrs=attrs, rows=rows,
    )  # fmt: skip


def build_pooled_model(
    tok2vec: Model[list[Doc], list[Any]], exclusive_classes: bool, nO: int | None = None
) -> Model[list[Doc], Any]:
    """Build "salience.Pooled.v1": a text classifier whose reasons can be read.

    s = softmax over the document of u'v_t, d = sum_t s_t v_t, scores =
    softmax(W d + b), or logistic where classes do not exclude each other.
    W d = sum_t s_t W v_t: see spacy_salience.reasons.

    Args:
        tok2vec: token vectors, of any architecture.
        exclusive_classes: whether just one class is true.
        nO: the number of classes; spaCy sets it.
    """
    from .models.pooled import build_pooled

    return build_pooled(tok2vec, exclusive_classes, nO)


def _forward(
    model: Model[list[Doc], list[Any]],
    docs: list[Doc],
    is_train: bool,  # noqa: ARG001
) -> tuple[list[Any], Callable[[list[Any]], list[Doc]]]:
    from .listeners.listen import placed

    vectors = [output.vectors for output in shim_of(model).encode(docs)]
    return placed(model.ops, vectors), _end_of_gradient


def _end_of_gradient(d_vectors: list[Any]) -> list[Doc]:  # noqa: ARG001
    return []
