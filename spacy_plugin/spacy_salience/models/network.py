"""The encoder that learns in spaCy, as one thinc model: from Docs to token vectors."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias, cast

import numpy as np
from spacy.tokens import Doc
from thinc.api import Model

from salience import checks, threads
from salience.errors import WeightsError
from salience.layers.encoder import build_layers, encode, initialize
from salience.layers.host import on_host
from salience.layers.tensors import load
from salience.model.parameters import in_format_2, read_parameters, read_settings
from salience.model.settings import Settings
from salience.model.units import Units
from salience.model.weights import Weights
from salience.ops import backprop_embedding, embedding
from salience.types import Batch, Floats, starts_of

from ..annotations.outputs import no_gradient
from .live import Live
from .served import served
from .words import ModelWords

Network: TypeAlias = Model[list[Doc], list[Any]]

NAME = "salience_encoder"


class Start(NamedTuple):
    """What an encoder starts from whenever it is initialised: arrays by name, and words."""

    tensors: Mapping[str, Floats]
    words: Weights


def build_network(
    settings: Settings, words: ModelWords | None = None, *, dropout: float = 0.0,
    start: Start | None = None,
) -> Network:  # fmt: skip
    """Build an encoder of these settings, which starts with random weights, or from `start`.

    Raises RangeError or ShapeError where the settings are not valid.
    """
    layers = build_layers(settings, words, dropout)
    names = {
        "attrs": [name for name, _ in settings.attributes],
        "rows": [rows for _, rows in settings.attributes],
        "vectors": settings.words == "vectors",
    }
    layers.embed.attrs.update(names)  # for check_alike of pipelines that older versions saved
    model: Network = Model(
        NAME, forward, init=partial(_init, start), dims={"nO": settings.width},
        layers=layers.all, shims=[Live(settings, table_learns=words is not None and words.learns)],
    )  # fmt: skip
    if start is not None:
        _start_from(model, start)
    return model


def unknown_network(reason: str, *, table_learns: bool) -> Network:
    """Return an encoder whose file cannot be used; until another is loaded, using it fails."""
    live, init = Live(None, reason, table_learns), partial(_no_start, reason)
    return Model(NAME, forward, init=init, dims={"nO": None}, shims=[live])


def network_of(
    weights: Weights, *, table_learns: bool, dropout: float = 0.0,
    attributes: tuple[tuple[str, int], ...] | None = None,
) -> Network:  # fmt: skip
    """Return an encoder that starts from weights and learns.

    table_learns: whether rows of the word table learn. attributes: hashed attributes that
    it gets where it has none; their rows are zeros, so that they change nothing at first.

    Raises WeightsError (or another SalienceError) where the weights do not fit together.
    """
    given = in_format_2(weights)
    stated = {**given.settings}
    if attributes is not None and not stated["attributes"]:
        stated["attributes"] = [list(pair) for pair in attributes]
        width, rows = stated["width"], sum(rows for _, rows in attributes)
        zeros = np.zeros((rows, width), dtype=np.float32)
        given = Weights({**given.tensors, "attribute_rows": zeros}, stated)
    p = read_parameters(given)
    words = None
    if p.settings.words == "table":
        words = ModelWords(learns=table_learns)
        words.take(given)
        words.factor = p.settings.word_factor
    return build_network(p.settings, words, dropout=dropout, start=Start(p.tensors, given))


def is_network(model: Model[Any, Any]) -> bool:
    """Say whether this is an encoder that learns."""
    return bool(model.name == NAME)


def live_of(model: Network) -> Live:
    """Return the shim of an encoder that learns."""
    return cast(Live, model.shims[0])


def table_learns(model: Network) -> bool:
    """Say whether rows of the word table are to learn."""
    return live_of(model).table_learns


def _start_from(model: Network, start: Start) -> None:
    layers = live_of(model).layers(model)
    load(layers, start.tensors)
    if isinstance(layers.words, ModelWords) and layers.words.learns:
        layers.words.take(start.words)  # drops what an earlier training has changed


def _no_start(reason: str, model: Network, X: Any = None, Y: Any = None) -> None:
    raise WeightsError(reason)


def _init(
    start: Start | None, model: Network, X: Sequence[Doc] | None = None, Y: Any = None
) -> None:
    """Initialise all layers, from `start` or at random; the Docs X show the width of vectors."""
    for node in model.walk():  # gradients that came after the last update of an earlier training
        for name in node.grad_names:
            node.set_grad(name, node.ops.xp.zeros_like(node.get_grad(name)))
    if start is not None:
        _start_from(model, start)
        return
    live = live_of(model)
    reads_vectors = live.settings.words == "vectors"
    tokens = live.reader(model).lookup(X)[0].tokens if X and reads_vectors else None
    initialize(live.layers(model), tokens)


def forward(
    model: Any, docs: list[Doc], is_train: bool
) -> tuple[list[Any], Callable[[list[Any]], list[Doc]]]:
    """Return each Doc's token vectors [T, D], and the function that backpropagates theirs."""
    if not is_train:
        outputs = served(model).encode(docs)
        return [model.ops.asarray(output.vectors) for output in outputs], no_gradient
    live = live_of(model)
    if not any(map(len, docs)):
        return [model.ops.alloc2f(0, live.settings.width) for _ in docs], no_gradient
    batch, units = live.reader(model).lookup(docs)
    encoded, backprop_layers = encode(live.layers(model), batch, is_train)
    vectors, backprop_spread = _spread(model, encoded.vectors, units)
    starts, num_threads = starts_of([len(doc) for doc in docs]), threads.get_num_threads()

    def backprop(d_vectors: list[Any]) -> list[Doc]:
        flat: Any = model.ops.xp.concatenate([model.ops.asarray2f(d) for d in d_vectors])
        # The last listener calls this, after the component's own update has ended.
        with threads.limited_to(num_threads):
            backprop_layers(backprop_spread(flat), None)
        return []

    return list(Batch(vectors, starts).documents()), backprop


def _spread(
    model: Any, vectors: Floats, units: Units | None
) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Give each token the vector of its unit: from [M, D] to [N, D]; blanks get zeros."""
    if units is None:
        return vectors, lambda d: d
    tokens = np.flatnonzero(units.places >= 0)
    places: Any = model.ops.asarray(units.places[tokens])
    spread = model.ops.alloc2f(len(units.places), vectors.shape[1])
    if len(tokens):
        spread[tokens] = embedding(vectors, places)

    def backprop(d_tokens: Floats) -> Floats:
        return backprop_embedding(d_tokens[tokens], places, len(vectors))

    return spread, backprop


def word_model(model: Network) -> Weights | None:
    """Return the weights of the salience model that the encoder's words are of; None without one.

    Raises WeightsError where their file is missing or damaged.
    """
    words = live_of(model).layers(model).words
    return words.weights if isinstance(words, ModelWords) else None


def check_alike(model: Network, loaded: Network) -> None:
    """Check that a loaded model has this one's layers and settings, and finite parameters.

    thinc itself accepts any names, settings and arrays.

    Raises WeightsError, which names the first layer or setting that differs.
    """
    for own, other in zip(model.walk(), loaded.walk(), strict=True):
        for built, found in zip(_form_of(own, own), _form_of(other, own), strict=True):
            if built != found:
                raise WeightsError(
                    f"expected {built}, as the config has it, found {found}; give the encoder the "
                    "settings of the one that was saved, or train it anew"
                )
        for name in filter(other.has_param, other.param_names):
            where, array = f"the layer {own.name!r}", on_host(other.ops, other.get_param(name))
            shape = own.get_param(name).shape if own.has_param(name) else None
            checks.finite(where, name, checks.floats(where, name, array, shape))


def _form_of(node: Any, own: Any) -> list[str]:
    """A layer's name, dimensions, parameters and settings, in words."""
    # Of the dropout rate the type alone, as the rate changes no prediction.
    settings = {
        name: type(node.attrs[name]) if name == "dropout_rate" else node.attrs[name]
        for name in own.attrs
        if name in node.attrs
    }
    names = f"dimensions {node.dim_names} and parameters {node.param_names}"
    return [f"the layer {node.name}", f"{node.name} with {names}", f"{node.name} with {settings}"]


def check_settings(model: Network, weights: Weights) -> None:
    """Raise WeightsError where an encoder's settings are not those of these weights."""
    live = live_of(model)
    if not live.is_known:
        return
    built, found = _by_name(live.settings), _by_name(read_settings(weights))
    for name in [*built, *found]:
        if built.get(name) != found.get(name):
            raise WeightsError(
                f"expected {name} = {built.get(name)!r}, as the config has it, found "
                f"{found.get(name)!r}; give the encoder the settings of the one that was saved, or "
                "train it anew"
            )


def _by_name(settings: Settings) -> dict[str, Any]:
    """The settings that a config states, by name; those of blocks with the block's number."""
    stated = settings.stated()
    blocks = stated.pop("blocks")
    stated.pop("word_factor")  # follows from the words
    of_blocks = {
        f"blocks.{number}.{name}": value
        for number, block in enumerate(blocks)
        for name, value in block.items()
    }
    return {**stated, "depth": len(blocks), **of_blocks}


def adopt(model: Network, loaded: Network) -> None:
    """Replace a model's layers and shims by those of a loaded one, which must not be used again."""
    rates = [node.attrs["dropout_rate"] for node in model.walk() if "dropout_rate" in node.attrs]
    for node in loaded.walk():
        if rates and "dropout_rate" in node.attrs:
            node.attrs["dropout_rate"] = rates[0]
    model.layers[:] = loaded.layers
    model.shims[:] = loaded.shims
    model.set_dim("nO", live_of(loaded).settings.width, force=True)
