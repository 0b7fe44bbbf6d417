"""The parameters of an encoder, read from weights and checked."""

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, get_args

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..cpu.memory import empty
from ..errors import WeightsError
from ..types import Floats
from .magnitudes import check_magnitudes
from .settings import BlockSettings, Settings, missing, settings_of
from .vocab import Reading, Vocabulary
from .weights import Weights


class Stored:
    """Arrays and settings of weights by their names; WeightsError names one that is missing."""

    def __init__(self, weights: Weights) -> None:
        self.tensors, self.settings = weights.tensors, weights.settings

    def tensor(self, name: str, *shape: int | str) -> Floats:
        """Return an array of this shape in float32; RangeError where a number is not finite."""
        with np.errstate(over="ignore"):  # numbers beyond float32 are refused below
            array = checks.floats("weights", name, self.raw(name), shape)
        checks.finite("weights", name, array)
        return array

    def raw(self, name: str) -> NDArray[Any]:
        """Return an array as it is stored."""
        if name not in self.tensors:
            raise WeightsError(missing("tensor", name, self.tensors))
        return self.tensors[name]

    def setting(self, name: str) -> Any:
        """Return a setting."""
        if name not in self.settings:
            raise WeightsError(missing("setting", name, self.settings))
        return self.settings[name]


class WordTable:
    """The words of a model and their table W_e [V, M], each checked against the other.

    The table is floating-point, or int8 with table_scale [V].

    Raises WeightsError (or ShapeError, DtypeError, RangeError) naming the
    tensor or setting that is missing or does not fit.
    """

    def __init__(self, weights: Weights) -> None:
        self._stored = Stored(weights)
        self.language = weights.language
        self.vocabulary = self._vocabulary()
        stored, rows = self._stored.raw("table"), len(self.vocabulary)
        kind_fits = stored.dtype == np.int8 or stored.dtype.kind == "f"
        if stored.ndim != 2 or len(stored) != rows or not kind_fits:
            raise WeightsError(
                f"weights: table must have the shape ({rows}, D) and hold floating-point numbers "
                f"or int8, got {stored.shape} of {stored.dtype}; save the model again"
            )
        if stored.dtype == np.int8:
            self._stored.tensor("table_scale", rows)
        else:
            self._stored.tensor("table", rows, "D")
        self.width = checks.at_least("weights", "the width", stored.shape[1], 1)

    def table(self) -> Floats:
        """Return W_e [V, M] in float32, whatever it is stored as; its numbers are checked here."""
        stored = self._stored.raw("table")
        table = empty(*stored.shape)
        table[...] = stored
        if stored.dtype == np.int8:
            table *= self._stored.tensor("table_scale", len(stored))[:, None]
        checks.finite("weights", "table", table)
        return table

    @property
    def largest(self) -> float:
        """A bound of the numbers of W_e; RangeError where one is not finite."""
        stored = self._stored.raw("table")
        if stored.dtype == np.int8:
            scale = self._stored.tensor("table_scale", len(stored))
            return 128 * float(np.abs(scale).max(initial=0))
        return float(np.abs(self._stored.tensor("table", len(stored), self.width)).max(initial=0))

    def _vocabulary(self) -> Vocabulary:
        words = self._text("words")
        sizes = {"buckets": 0, "shortest": 1, "longest": 1}
        checked = {
            name: checks.at_least("weights", name, self._stored.setting(name), least)
            for name, least in sizes.items()
        }
        for name, least in sizes.items():
            checks.between("weights", name, checked[name], least, 2**40)
        checks.at_least("weights", "longest", checked["longest"], checked["shortest"])
        reading = self._stored.settings.get("reading", "verbatim")  # older files state none
        checks.one_of("weights", "reading", reading, get_args(Reading))
        return Vocabulary(
            words.split("\n") if words else [], **checked, reading=reading,
            spellings=self._spellings(),
        )  # fmt: skip

    def _spellings(self) -> dict[str, str]:
        """Characters and what each is read as; none in a file that states none."""
        text = self._text("spellings") if "spellings" in self._stored.tensors else ""
        if len(text) % 2:
            raise WeightsError(
                f"weights: spellings must be pairs of characters, got {len(text)} characters; "
                "save the model again"
            )
        return dict(zip(text[::2], text[1::2], strict=True))

    def _text(self, name: str) -> str:
        try:
            return self._stored.raw(name).tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise WeightsError(f"weights: the {name} cannot be read: {error}") from error


def reads_compositions(weights: Weights) -> bool:
    """Say whether a model reads some scripts character by character (see compositions.py)."""
    return weights.settings.get("reading") == "composed"


class Words(Protocol):
    """The words of an encoder and their table."""

    @property
    def vocabulary(self) -> Vocabulary:
        """From words to rows."""

    @property
    def largest(self) -> float:
        """A bound of the table's numbers."""

    def table(self) -> Floats:
        """Return W_e [V, M], which is not changed."""


class Block(NamedTuple):
    """A block's settings, and its arrays by the names of BlockSettings.tensors."""

    settings: BlockSettings
    tensors: Mapping[str, Floats]


class Parameters(NamedTuple):
    """An encoder: its settings and arrays, and the words' table where it has one.

    tensors are by the names of Settings.tensors; word_weights w [V] are the pooling
    logits of the table's rows.
    """

    settings: Settings
    tensors: Mapping[str, Floats]
    words: Words | None = None
    word_weights: Floats | None = None

    @property
    def blocks(self) -> list[Block]:
        """The blocks, from the first to the last."""
        return [
            Block(block, _within(f"blocks.{number}.", self.tensors))
            for number, block in enumerate(self.settings.blocks)
        ]


def read_parameters(weights: Weights) -> Parameters:
    """Return the parameters of an encoder.

    Raises WeightsError (or ShapeError, DtypeError, RangeError) naming the
    tensor or setting that is missing, does not fit or is not finite.
    """
    stored = Stored(weights)
    settings = read_settings(weights)
    prefix = "" if "blocks" in weights.settings else "blocks.0."
    tensors = {
        name: stored.tensor(name.removeprefix(prefix), *shape)
        for name, shape in settings.tensors().items()
    }
    words = WordTable(weights) if settings.words == "table" else None
    word_weights = None
    if words:
        _check_width(settings, words.width, tensors)
        if settings.pooling == "salience":
            word_weights = stored.tensor("word_weights", len(words.vocabulary))
    found = Parameters(settings, tensors, words, word_weights)
    for block in found.blocks:
        decay = block.tensors.get("decay")
        if decay is not None and not ((decay > 0) & (decay < 1)).all():
            raise WeightsError("weights: decay must lie between 0 and 1, exclusive")
    check_magnitudes(found)
    return found


def read_settings(weights: Weights) -> Settings:
    """Return the settings of an encoder, whatever the format of its file."""
    shapes = {name: array.shape for name, array in weights.tensors.items()}
    return settings_of(weights.settings, shapes)


def in_format_2(weights: Weights) -> Weights:
    """Return the same weights with all settings stated, whatever the format of their file."""
    if "blocks" in weights.settings:
        return weights
    settings = read_settings(weights)
    tensors = dict(weights.tensors)
    for name in settings.blocks[0].tensors(settings.width):
        tensors[f"blocks.0.{name}"] = tensors.pop(name)
    kept = {name: weights.settings[name] for name in OF_WORDS if name in weights.settings}
    return Weights(tensors, {**settings.stated(), **kept})


TEXT_TENSORS = ("words", "spellings")
"""Arrays that are a text, in UTF-8: words a line each, and spellings in pairs of characters."""

OF_WORDS = ("buckets", "shortest", "longest", "reading", "language")
"""Settings of the words of an encoder."""


def _check_width(settings: Settings, found: int, tensors: Mapping[str, Floats]) -> None:
    width = tensors["word_weight"].shape[1] if settings.projected else settings.width
    if found != width:
        raise WeightsError(
            f"weights: table must have rows of width {width}, got {found}; save the model again"
        )


def _within(prefix: str, tensors: Mapping[str, Floats]) -> dict[str, Floats]:
    return {
        name.removeprefix(prefix): array
        for name, array in tensors.items()
        if name.startswith(prefix)
    }
