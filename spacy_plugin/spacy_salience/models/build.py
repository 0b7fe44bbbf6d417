"""From the options of "salience.Encoder.v1" and "v2" to models."""

from collections.abc import Sequence
from typing import Any, Literal, TypeAlias

from spacy.tokens import Doc
from thinc.api import Model

from salience import checks
from salience.errors import RangeError
from salience.model.scale import with_scale_inside
from salience.model.settings import BlockSettings, Cell, Fusion, Pool, Settings

from .frozen import frozen_named, frozen_unknown
from .network import Network, build_network, network_of, unknown_network
from .origins import made_of
from .reader import check_attributes
from .words import ModelWords

Learns: TypeAlias = Literal["all", "blocks", "none"]


def to_be_loaded() -> Model[list[Doc], list[Any]]:
    """Build a frozen encoder that has its weights from a saved pipeline."""
    return frozen_unknown(
        "expected a frozen encoder to be loaded from a saved pipeline, found none; load it with "
        "spacy.load, or set pretrained to a model"
    )


def fresh(
    where: str, *, width: int, depth: int, cell: Cell, heads: int, rank: int, window: int | None,
    fusion: Fusion, dropout: float, words: str | None, attrs: Sequence[str], rows: Sequence[int],
    pooling: Pool,
) -> Network:  # fmt: skip
    """Build an encoder with random weights, and word vectors that do not learn.

    Raises RangeError or ShapeError, which say where, if the options do not fit each other.
    """
    check_attributes(where, attrs, rows)
    checks.even(where, "width", checks.at_least(where, "width", width, 2))
    if not attrs and words is None:
        raise RangeError(f"{where}: nothing to embed; give attrs with rows, or words")
    block = BlockSettings(
        width, cell=cell, heads=heads, rank=rank, window=window, fusion=fusion
    )  # fmt: skip
    settings = Settings(
        width, (block,) * checks.at_least(where, "depth", depth, 1),
        words=None if words is None else "vectors" if words == "vectors" else "table",
        projected=words is not None, attributes=tuple(zip(attrs, rows, strict=True)),
        normalised=True, pooling=pooling,
    )  # fmt: skip
    settings.check(where)
    named = ModelWords.named(str(words), even=True) if settings.words == "table" else None
    return build_network(settings, named, dropout=dropout)


def pretrained(
    name: str, learns: Learns, dropout: float, attrs: Sequence[str], rows: Sequence[int],
    width: int | None,
) -> Model[list[Doc], list[Any]]:  # fmt: skip
    """Build an encoder that starts from a model's weights.

    Raises RangeError where the options do not fit each other, or width is not the model's.
    """
    where = "Encoder.v2"
    check_attributes(where, attrs, rows)
    if learns == "none":
        model = frozen_named(name)
    else:
        attributes = tuple(zip(attrs, rows, strict=True))
        made, reason = made_of(
            name,
            lambda weights: network_of(
                with_scale_inside(weights),
                table_learns=learns == "all",
                dropout=dropout,
                attributes=attributes,
            ),
        )
        model = made or unknown_network(reason, table_learns=learns == "all")
    found = model.maybe_get_dim("nO")
    if found is not None and width not in (None, found):
        raise RangeError(
            f"{where}: expected width = {found}, that of {name}, got {width}; leave it out"
        )
    return model
