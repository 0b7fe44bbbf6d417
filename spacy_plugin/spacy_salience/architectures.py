"""Architectures for spaCy's configs, each under a name with its version."""

from typing import Any, Literal

from spacy.tokens import Doc
from thinc.api import Model

from salience.errors import RangeError

FRESH: dict[str, Any] = {
    "width": 128, "depth": 1, "cell": "gated", "heads": 1, "rank": 32, "window": 16,
    "fusion": "concat", "words": "en_small",
}  # fmt: skip
"""What an encoder is that starts afresh, where a config says nothing else."""

FRESH_ROWS = {"NORM": 5000, "PREFIX": 1000, "SUFFIX": 2500, "SHAPE": 2500}
ADDED_ROWS = {"SHAPE": 2500}
"""Attributes and their hashed rows, of a fresh start and beside a pretrained model's words.

With few labels, rows of words and of their parts learn the examples by heart; a word table
that was trained knows them already, but not how words are capitalised.
"""


def build_pretrained_model(pretrained: str) -> Model[list[Doc], list[Any]]:
    """Build "salience.Pretrained.v1": a whole encoder that was trained before, frozen.

    The gradient that listeners send back ends here. It is "salience.Encoder.v2" with
    learns = "none".

    Args:
        pretrained: an embedded model's name, or the path of a .safetensors
            file. A missing or damaged file is an error only when the model is used:
            spaCy builds it so before it loads a saved pipeline's own weights.
    """
    from .models.frozen import frozen_named

    return frozen_named(pretrained)


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
    from .models.build import fresh

    return fresh(
        "Encoder.v1", width=width, depth=depth, cell=cell, heads=heads, rank=rank, window=window,
        fusion=fusion, dropout=dropout, words=words, attrs=attrs, rows=rows, pooling="received",
    )  # fmt: skip


def build_encoder_v2_model(
    pretrained: str | None = "en_small",
    learns: Literal["all", "blocks", "none"] = "blocks",
    width: int | None = None,
    depth: int = 1,
    cell: Literal["linear", "tanh", "gated"] = "gated",
    heads: int = 1,
    rank: int = 32,
    window: int | None = 16,
    fusion: Literal["gate", "concat"] = "concat",
    dropout: float = 0.0,
    words: str | None = "en_small",
    attrs: list[str] | None = None,
    rows: list[int] | None = None,
) -> Model[list[Doc], list[Any]]:
    """Build "salience.Encoder.v2": an encoder that starts from a trained one, or afresh.

    d = sum_t s_t v_t, s = softmax over the document of u'v_t + w_t: it has salience,
    document vectors and attention, like every encoder. Listeners learn from v; nothing
    teaches u and w, which stay as they start: a model's own, or u = 0 and w by how
    rare a word is where `words` is a model, else 0.

    Args:
        pretrained: the embedded model's name, or the path of the .safetensors file, to
            start from; null for a fresh start, or for a frozen encoder that a saved
            pipeline has. Missing or damaged, it is an error only when the model is used,
            as of "salience.Pretrained.v1".
        learns: "blocks" for recurrence, attention, fusion and the hashed rows of attrs;
            "all" for the rows of the word table too; "none" for nothing, which is fast.
        dropout: spaCy sets it to training.dropout in every update.
        attrs, rows: attributes whose hashed rows learn beside word vectors, and how many
            each has; they are added to a pretrained model where it has none, as zeros:
            SHAPE (2,500 rows) where null, and NORM, PREFIX, SUFFIX and SHAPE, as of
            "salience.Encoder.v1", of a fresh start.
        width, depth, cell, heads, rank, window, fusion, words: of a fresh start, as of
            "salience.Encoder.v1"; width is 128 then. A pretrained model has its own.

    Raises RangeError or ShapeError where the options do not fit each other.
    """
    from .models import build

    options: dict[str, Any] = {
        "depth": depth, "cell": cell, "heads": heads, "rank": rank, "window": window,
        "fusion": fusion, "words": words,
    }  # fmt: skip
    hashed = FRESH_ROWS if pretrained is None else ADDED_ROWS
    names, counts = attrs or [], rows or []
    if attrs is None and rows is None:
        names, counts = list(hashed), list(hashed.values())
    if pretrained is not None:
        for name, value in options.items():
            if value != FRESH[name]:
                raise RangeError(
                    f"Encoder.v2: expected no {name} where pretrained is a model, which has its "
                    f"own, got {value!r}; leave it out, or set pretrained = null"
                )
        return build.pretrained(pretrained, learns, dropout, names, counts, width)
    if learns == "none":
        return build.to_be_loaded()
    options["width"] = FRESH["width"] if width is None else width
    return build.fresh(
        "Encoder.v2", **options, dropout=dropout, attrs=names, rows=counts, pooling="salience"
    )


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
