"""The parameters of layers as the arrays of a weights file, by their names, and back."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
from thinc.api import Model

from ..ops import sigmoid
from ..types import Floats
from .block import LOGITS
from .encoder import Layers
from .host import on_host

BLOCK = {
    "affine": {"W": "input_weight", "b": "input_bias"},
    "linear_recurrence": {"w": "decay"},
    "tanh_recurrence": {"W": "recurrent_weight"},
    "bilinear_attention": {"Q": "query", "K": "key"},
    LOGITS: {"W": "output_weight", "b": "output_bias"},
    "gate_fusion": {"W": "fusion_weight", "g": "fusion_gate"},
    "concat_fusion": {"W": "fusion_weight", "b": "fusion_bias"},
    "layernorm": {"G": "norm_gain", "b": "norm_bias"},
}
EMBED = {
    "layernorm": {"G": "embedding_norm_gain", "b": "embedding_norm_bias"},
    "embedding_bags": {"E": "attribute_rows"},
    "affine": {"W": "word_weight", "b": "word_bias"},
}
POOLING = {"u": "pool_query", "P": "document_weight"}
"""The names in a file of a layer's parameters, by the layer's name."""


class Parameter(NamedTuple):
    """A layer's parameter; in a file a decay w_h = sigmoid(w) stands for w."""

    layer: Model[Any, Any]
    name: str

    @property
    def is_decay(self) -> bool:
        """Whether it is the w of a linear recurrence."""
        return self.layer.name == "linear_recurrence"


def parameters_of(layers: Layers) -> dict[str, Parameter]:
    """Return the parameters of all layers by their names in a file."""
    found = dict(_named("", EMBED, layers.embed.layers))
    for number, block in enumerate(layers.context.layers[1:]):  # the first is dropout
        found |= _named(f"blocks.{number}.", BLOCK, block.layers)
    if layers.pooling:
        own = layers.pooling.param_names
        found |= {POOLING[name]: Parameter(layers.pooling, name) for name in own}
    return found


def _named(
    prefix: str, names: Mapping[str, Mapping[str, str]], layers: list[Model[Any, Any]]
) -> Iterator[tuple[str, Parameter]]:
    for layer in layers:
        for name, stored in names.get(layer.name, {}).items():
            yield prefix + stored, Parameter(layer, name)


def stored(layers: Layers) -> dict[str, Floats]:
    """Return the arrays of all layers as they are in a file, on the host."""
    found: dict[str, Floats] = {}
    for name, (layer, param) in parameters_of(layers).items():
        array: Any = on_host(layer.ops, layer.get_param(param))
        found[name] = sigmoid(array) if Parameter(layer, param).is_decay else array
    return found


def load(layers: Layers, tensors: Mapping[str, Floats]) -> None:
    """Set the parameters of all layers to the arrays of a file, which must fit."""
    for name, parameter in parameters_of(layers).items():
        if name in tensors:
            array = tensors[name]
            value: Any = logits(array) if parameter.is_decay else array.copy()
            layer = parameter.layer
            for dim, size in zip(_dims_of(layer, parameter.name), array.shape, strict=False):
                layer.set_dim(dim, size)
            layer.set_param(parameter.name, layer.ops.asarray_f(value))


def _dims_of(layer: Model[Any, Any], param: str) -> tuple[str, ...]:
    """The layer's dimensions that only this parameter shows: the width of projected words."""
    return ("nO", "nI") if layer.name == "affine" and param == "W" else ()


def logits(decay: Floats) -> Floats:
    """Return w with sigmoid(w) = decay to the last bit, where there is one.

    So a model that is loaded and saved again gives the same file. The candidates around
    the rounded logit are a sixteenth of a rounding step of the decay apart.
    """
    p = decay.astype(np.float64)[:, None]
    apart = np.spacing(decay)[:, None] / (p * (1 - p)) / 16
    candidates = (np.log(p / (1 - p)) + apart * NEAR).astype(np.float32)
    hits = sigmoid(candidates) == decay[:, None]
    found: Floats = candidates[np.arange(len(decay)), hits.argmax(axis=1)]
    return found


NEAR = np.array(sorted(range(-64, 65), key=abs))
"""Candidates to either side of a logit, the nearest first."""
