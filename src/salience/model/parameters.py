"""What an encoder needs of its weights, read and checked."""

from typing import Any, NamedTuple, get_args

import numpy as np
from numpy.typing import NDArray

from .. import checks
from ..cpu.memory import empty
from ..errors import WeightsError
from ..ops import affine
from ..types import Floats
from .magnitudes import check_magnitudes
from .vocab import Reading, Vocabulary
from .weights import Weights


class Tables(NamedTuple):
    """What is looked up of every row.

    embeddings W_e [V, D]; inputs of the recurrence, W_x W_e + b [V, H]; logits of
    the output gate, W_o W_e + b_o [V, H].
    """

    embeddings: Floats
    inputs: Floats
    logits: Floats


class WordTable:
    """The words of a model and their table W_e [V, D], each checked against the other.

    The table is floating-point, or int8 with table_scale [V].

    Raises WeightsError (or ShapeError, DtypeError, RangeError) naming the
    tensor or setting that is missing or does not fit.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self.language = weights.language
        self.vocabulary = self._vocabulary()
        stored, rows = self._stored("table"), len(self.vocabulary)
        kind_fits = stored.dtype == np.int8 or stored.dtype.kind == "f"
        if stored.ndim != 2 or len(stored) != rows or not kind_fits:
            raise WeightsError(
                f"weights: table must have the shape ({rows}, D) and hold floating-point numbers "
                f"or int8, got {stored.shape} of {stored.dtype}; save the model again"
            )
        if stored.dtype == np.int8:
            self._tensor("table_scale", rows)
        else:
            self._tensor("table", rows, "D")
        self.width = checks.at_least("weights", "the width", stored.shape[1], 1)

    def table(self) -> Floats:
        """Return W_e [V, D] in float32, whatever it is stored as; its numbers are checked here."""
        stored = self._stored("table")
        table = empty(*stored.shape)
        table[...] = stored
        if stored.dtype == np.int8:
            table *= self._tensor("table_scale", len(stored))[:, None]
        checks.finite("weights", "table", table)
        return table

    @property
    def largest(self) -> float:
        """A bound of the numbers of W_e; RangeError where one is not finite."""
        stored = self._stored("table")
        if stored.dtype == np.int8:
            return 128 * float(np.abs(self._tensor("table_scale", len(stored))).max(initial=0))
        return float(np.abs(self._tensor("table", len(stored), self.width)).max(initial=0))

    def _vocabulary(self) -> Vocabulary:
        try:
            words = self._stored("words").tobytes().decode("utf-8")
        except UnicodeDecodeError as error:
            raise WeightsError(f"weights: the vocabulary cannot be read: {error}") from error
        sizes = {"buckets": 0, "shortest": 1, "longest": 1}
        checked = {
            name: checks.at_least("weights", name, self._setting(name), least)
            for name, least in sizes.items()
        }
        for name, least in sizes.items():
            checks.between("weights", name, checked[name], least, 2**40)
        checks.at_least("weights", "longest", checked["longest"], checked["shortest"])
        reading = self._weights.settings.get("reading", "verbatim")  # files made before say none
        checks.one_of("weights", "reading", reading, get_args(Reading))
        return Vocabulary(words.split("\n") if words else [], **checked, reading=reading)

    def _tensor(self, name: str, *shape: int | str) -> Floats:
        with np.errstate(over="ignore"):  # what float32 cannot hold is refused by the next line
            array = checks.floats("weights", name, self._stored(name), shape)
        checks.finite("weights", name, array)
        return array

    def _stored(self, name: str) -> NDArray[Any]:
        if name not in self._weights.tensors:
            raise WeightsError(_missing("tensor", name, list(self._weights.tensors)))
        return self._weights.tensors[name]

    def _setting(self, name: str) -> Any:
        if name not in self._weights.settings:
            raise WeightsError(_missing("setting", name, list(self._weights.settings)))
        return self._weights.settings[name]


class Parameters(WordTable):
    """The tensors and settings of an encoder, each checked against the others.

    Shapes, in the letters of types.py: decay [H], input_weight W_x [H, D],
    input_bias b [H], query Q and key K [heads, R, H], output_weight W_o [H, D],
    output_bias b_o [H], fusion_weight W_f [D, H], fusion_gate g [D], pool_query u [D],
    word_weights w [V].

    Raises WeightsError (or ShapeError, DtypeError, RangeError) naming the
    tensor or setting that is missing, does not fit or is not finite.
    """

    def __init__(self, weights: Weights) -> None:
        super().__init__(weights)
        self.decay = self._tensor("decay", "H")
        states = len(self.decay)
        self.fusion_gate = self._tensor("fusion_gate", self.width)
        self.fusion_weight = self._tensor("fusion_weight", self.width, states)
        self.input_weight = self._tensor("input_weight", states, self.width)
        self.input_bias = self._tensor("input_bias", states)
        self.output_weight = self._tensor("output_weight", states, self.width)
        self.output_bias = self._tensor("output_bias", states)
        self.query = self._tensor("query", "heads", "R", states)
        self.key = self._tensor("key", *self.query.shape)
        self.pool_query = self._tensor("pool_query", self.width)
        self.word_weights = self._tensor("word_weights", len(self.vocabulary))
        self.window = self._window()
        self.causal = bool(self._setting("causal"))
        checks.even("weights", "the number of states", states)
        checks.at_least("weights", "the number of states", states, 2)
        checks.multiple("weights", "the width", self.width, "heads", len(self.query))
        if not ((self.decay > 0) & (self.decay < 1)).all():
            raise WeightsError("weights: decay must lie between 0 and 1, exclusive")
        check_magnitudes(self, self.largest)

    def tables(self) -> Tables:
        """Return what is looked up of every row, worked out once."""
        table = self.table()
        inputs = affine(table, self.input_weight, self.input_bias)
        return Tables(table, inputs, affine(table, self.output_weight, self.output_bias))

    def _window(self) -> int | None:
        window: int | None = self._setting("window")
        return None if window is None else checks.at_least("weights", "window", window, 0)


def _missing(kind: str, name: str, found: list[str]) -> str:
    return (
        f"weights: the {kind} {name!r} is missing; found {', '.join(sorted(found))}. "
        "Save the model again"
    )
