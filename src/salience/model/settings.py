"""What an encoder is: the settings of its embedding, its blocks and its pooling.

They are saved in the file of its weights. A file of format 1 has one block and states
only window and causal; the rest follows from the shapes of its arrays.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from math import frexp, isfinite
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

from .. import checks
from ..errors import WeightsError

Cell: TypeAlias = Literal["linear", "tanh", "gated"]
Fusion: TypeAlias = Literal["gate", "concat"]
Words: TypeAlias = Literal["table", "vectors"]
Pool: TypeAlias = Literal["salience", "received"]
Shape: TypeAlias = tuple[int | str, ...]

LEAST_DECAY, MOST_DECAY = 0.1, 0.9
"""The range of w_h before any training: a memory of about one token to one of about ten."""

HASHES = 2
"""Rows of an attribute's value: two values that share one rarely share both."""


class CellKind(NamedTuple):
    """A kind of recurrence: how many inputs each state takes, and the shapes of its own arrays."""

    inputs: int
    tensors: Mapping[str, Shape]


def cell_of(name: Cell, states: int) -> CellKind:
    """Return the kind of a recurrence of so many states."""
    half = states // 2
    kinds = {
        "linear": CellKind(1, {"decay": (states,)}),
        "tanh": CellKind(1, {"recurrent_weight": (2, half, half)}),
        "gated": CellKind(2, {}),
    }
    return kinds[name]


@dataclass(frozen=True)
class BlockSettings:
    """A block: recurrence, output gate, attention, fusion and normalisation.

    states: H, half of them in each direction. output_gate: whether
    y = sigmoid(W_o x + b_o) * h stands for h in the fusion. heads, rank R, window
    (tokens to either side; all where None), causal: of attention; none where heads = 0.
    fusion: v = x + W_f y + g * c ("gate") or v = x + tanh(W (x, y, c) + b) ("concat").
    normalised: whether v is layer-normalised at the end.
    """

    states: int
    cell: Cell = "linear"
    output_gate: bool = False
    heads: int = 1
    rank: int = 32
    window: int | None = 16
    causal: bool = False
    fusion: Fusion = "gate"
    normalised: bool = False

    def check(self, where: str, width: int) -> None:
        """Raise RangeError or ShapeError where a size or a name is not valid."""
        checks.one_of(where, "cell", self.cell, get_args(Cell))
        checks.one_of(where, "fusion", self.fusion, get_args(Fusion))
        name = "the number of states"
        checks.even(where, name, checks.at_least(where, name, self.states, 2))
        if checks.at_least(where, "heads", self.heads, 0):
            checks.multiple(where, "the width", width, "heads", self.heads)
        checks.at_least(where, "rank", self.rank, 1)
        if self.window is not None:
            checks.at_least(where, "window", self.window, 0)

    def tensors(self, width: int) -> dict[str, Shape]:
        """Return the names and shapes of the block's arrays."""
        kind = cell_of(self.cell, self.states)
        inputs = kind.inputs * self.states
        found: dict[str, Shape] = {
            "input_weight": (inputs, width), "input_bias": (inputs,), **kind.tensors
        }  # fmt: skip
        if self.output_gate:
            found |= {"output_weight": (self.states, width), "output_bias": (self.states,)}
        if self.heads:
            found |= dict.fromkeys(("query", "key"), (self.heads, self.rank, self.states))
        if self.fusion == "gate":
            found |= {"fusion_weight": (width, self.states), "fusion_gate": (width,)}
        else:
            found |= {"fusion_weight": (width, 2 * width + self.states), "fusion_bias": (width,)}
        return found | (_norm(width) if self.normalised else {})


@dataclass(frozen=True)
class Settings:
    """An encoder: x = norm(P W_e[id] + sum of attribute rows), blocks over x, and a pooling.

    width: D of token vectors. words: where word vectors are from: the model's own
    table, those of a spaCy vocab, or nowhere. word_factor: what a word's row is
    multiplied by. projected: whether P and a bias follow. attributes: names, and
    how many rows each has. normalised: whether norm is layer normalisation, and not
    the identity. units: whether blanks are left out and repeated signs are seen once.
    pooling: "salience", the softmax of u'v + w, or "received", the attention that
    tokens receive in the last block. document_width: K of d = P_d sum_t s_t v_t;
    None without P_d. scale: a power of two that all vectors are multiplied by at the end.
    """

    width: int
    blocks: tuple[BlockSettings, ...]
    words: Words | None = "table"
    word_factor: float = 1.0
    projected: bool = False
    attributes: tuple[tuple[str, int], ...] = ()
    normalised: bool = False
    units: bool = False
    pooling: Pool = "salience"
    document_width: int | None = None
    scale: float = 1.0

    def check(self, where: str = "Settings") -> None:
        """Raise RangeError or ShapeError where a size or a name is not valid."""
        checks.at_least(where, "width", self.width, 1)
        checks.at_least(where, "depth", len(self.blocks), 1)
        for block in self.blocks:
            block.check(where, self.width)
        checks.one_of(where, "words", self.words, (*get_args(Words), None))
        checks.one_of(where, "pooling", self.pooling, get_args(Pool))
        for _, rows in self.attributes:
            checks.at_least(where, "rows", rows, 1)
        if self.document_width is not None:
            checks.at_least(where, "document_width", self.document_width, 1)
        checks.between(where, "word_factor", self.word_factor, 1e-12, 1e12)
        checks.between(where, "scale", self.scale, 2.0**-24, 2.0**24)
        checks.one_of(where, "the mantissa of scale", frexp(self.scale)[0], (0.5,))

    @property
    def folds(self) -> bool:
        """Whether a word's embedding is a mean of table rows, which can be folded at load."""
        return self.words == "table" and not (
            self.projected or self.attributes or self.normalised or self.word_factor != 1
        )

    def tensors(self) -> dict[str, Shape]:
        """Return the names and shapes of all arrays but the words' own."""
        found: dict[str, Shape] = {}
        if self.attributes:
            found["attribute_rows"] = (sum(rows for _, rows in self.attributes), self.width)
        if self.projected:
            found |= {"word_weight": (self.width, "M"), "word_bias": (self.width,)}
        if self.normalised:
            found |= {f"embedding_{name}": shape for name, shape in _norm(self.width).items()}
        for number, block in enumerate(self.blocks):
            own = block.tensors(self.width)
            found |= {f"blocks.{number}.{name}": shape for name, shape in own.items()}
        if self.pooling == "salience":
            found["pool_query"] = (self.width,)
        if self.document_width:
            found["document_weight"] = (self.document_width, self.width)
        return found

    def stated(self) -> dict[str, Any]:
        """Return the settings as they are in a file."""
        return {**asdict(self), "attributes": [list(pair) for pair in self.attributes]}


_FIELDS = frozenset(field.name for field in fields(Settings))


def settings_of(stated: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Settings:
    """Return the settings of an encoder from those of its file, and the shapes of its arrays.

    Raises WeightsError where a setting is missing or not valid, and what
    Settings.check raises.
    """
    if "blocks" not in stated:
        return _of_format_1(stated, shapes)
    try:
        own = {name: stated[name] for name in _FIELDS if name in stated}
        own["blocks"] = tuple(BlockSettings(**block) for block in own["blocks"])
        own["attributes"] = tuple((str(name), rows) for name, rows in own.get("attributes", ()))
        settings = Settings(**own)
        if not (isinstance(settings.scale, float) and isfinite(settings.scale)):
            raise TypeError(f"scale is {settings.scale!r}")
    except (TypeError, ValueError, AttributeError) as error:
        raise WeightsError(
            f"weights: expected the settings of an encoder, could not read them ({error}); save "
            "the model again"
        ) from error
    settings.check("weights")
    return settings


def _of_format_1(stated: Mapping[str, Any], shapes: Mapping[str, tuple[int, ...]]) -> Settings:
    """One block of a linear recurrence with output gate, attention and gate fusion."""
    heads, rank, states = _shape("query", shapes, ("heads", "R", "H"))
    block = BlockSettings(
        states, output_gate=True, heads=heads, rank=rank, window=_stated("window", stated),
        causal=bool(_stated("causal", stated)),
    )  # fmt: skip
    width = _shape("table", shapes, ("V", "D"))[1]
    settings = Settings(width, (block,), units=stated.get("reading", "verbatim") != "verbatim")
    settings.check("weights")
    return settings


def _shape(
    name: str, shapes: Mapping[str, tuple[int, ...]], letters: tuple[str, ...]
) -> tuple[int, ...]:
    if name not in shapes:
        raise WeightsError(missing("tensor", name, shapes))
    checks.has_shape("weights", name, shapes[name], letters)
    return shapes[name]


def _stated(name: str, stated: Mapping[str, Any]) -> Any:
    if name not in stated:
        raise WeightsError(missing("setting", name, stated))
    return stated[name]


def missing(kind: str, name: str, found: Mapping[str, Any]) -> str:
    """Say that a tensor or a setting is missing, and which there are."""
    return (
        f"weights: the {kind} {name!r} is missing; found {', '.join(sorted(found))}. "
        "Save the model again"
    )


def _norm(width: int) -> dict[str, Shape]:
    return {"norm_gain": (width,), "norm_bias": (width,)}
