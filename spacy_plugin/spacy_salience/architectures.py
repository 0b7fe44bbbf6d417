"""Architectures for spaCy's configs, each under a name with its version."""

from typing import Any, Literal

from spacy.tokens import Doc
from thinc.api import Model

from salience.errors import RangeError

FRESH: dict[str, Any] = {
    "width": 128, "depth": 1, "cell": "gated", "heads": 1, "rank": 32, "window": 16,
    "fusion": "concat", "words": "en_small",
}  # fmt: skip
"""The default options of an encoder that starts with random weights."""

FRESH_ROWS = {"NORM": 5000, "PREFIX": 1000, "SUFFIX": 2500, "SHAPE": 2500}
ADDED_ROWS = {"SHAPE": 2500}
"""Default attributes and the number of hashed rows of each, for a fresh start and for a pretrained
model.

A pretrained model gets SHAPE alone: its word table lacks only how words are capitalised, and rows
for words, prefixes and suffixes would overfit where training has few labels.
"""


def build_pretrained_model(pretrained: str | None = None) -> Model[list[Doc], list[Any]]:
    """Build "salience.Pretrained.v1": a pretrained encoder, frozen.

    It ignores the gradients that listeners send back. It is "salience.Encoder.v2" with
    learns = "none".

    Args:
        pretrained: an embedded model's name, or the path of a .safetensors file; where
            None, the embedded model of the pipeline's language, or of English. A missing or
            damaged file is an error only when the model is used, as spaCy builds the model
            before it loads a saved pipeline's own weights.
    """
    from .models.frozen import frozen_named, frozen_unnamed

    return frozen_unnamed() if pretrained is None else frozen_named(pretrained)


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
    token vectors are v(depth) [T, width]. See salience.layers for the equations.

    Args:
        width: of token vectors and states; even, and a multiple of heads.
        depth: the number of blocks (recurrence, attention, fusion), at least 1.
        cell: of the recurrence.
        heads, rank, window: of attention. heads = 0 is no attention; window = null
            is attention over the whole document.
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

    d = sum_t s_t v_t, s = softmax over the document of u'v_t + w_t: like every encoder, it
    has salience, document vectors and attention. Listeners' gradients reach v alone, so that
    u and w keep their first values: those of the pretrained model, or u = 0 and, where
    `words` is a model, a w that is higher for rarer words, else w = 0.

    Args:
        pretrained: the embedded model's name, or the path of the .safetensors file, to
            start from; null for a fresh start, or for a frozen encoder whose weights a saved
            pipeline has. A missing or damaged file is an error only when the model is used,
            as in "salience.Pretrained.v1".
        learns: "blocks" for recurrence, attention, fusion and the hashed rows of attrs;
            "all" for the rows of the word table too; "none" for a frozen encoder, the fastest.
        dropout: spaCy sets it to training.dropout in every update.
        attrs, rows: attributes whose hashed rows learn beside word vectors, and how many
            rows each has. A pretrained model without hashed rows gets them, as zeros. Where
            null, they are SHAPE (2,500 rows) for a pretrained model, and the defaults of
            "salience.Encoder.v1" for a fresh start.
        width, depth, cell, heads, rank, window, fusion, words: of a fresh start, as in
            "salience.Encoder.v1"; width = null is 128. A pretrained model has its own.

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
    """Build "salience.Pooled.v1": a text classifier that can give reasons for its scores.

    s = softmax over the document of u'v_t, d = sum_t s_t v_t, scores =
    softmax(W d + b), or logistic where classes do not exclude each other.
    W d = sum_t s_t W v_t: see spacy_salience.reasons.

    Args:
        tok2vec: token vectors, of any architecture.
        exclusive_classes: whether each text has exactly one class.
        nO: the number of classes; spaCy sets it.
    """
    from .models.pooled import build_pooled

    return build_pooled(tok2vec, exclusive_classes, nO)
