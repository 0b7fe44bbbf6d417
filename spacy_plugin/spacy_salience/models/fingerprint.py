"""A model's fingerprint: 16 digits, equal for equal models in any process."""

import hashlib
import zlib
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from thinc.api import Model

from salience.encoder.encoder import Encoder
from salience.layers.host import on_host
from salience.model.weights import Weights

from ..annotations.stamps import MODEL
from . import network
from .embed import depends_on, words_of
from .frozen import shim_of
from .words import ModelWords

_known: WeakKeyDictionary[Encoder, str] = WeakKeyDictionary()


def fingerprint(model: Model[Any, Any]) -> str:
    """Return the fingerprint of a frozen encoder, or of one that learns as it is now."""
    if network.is_network(model):
        return _of_network(model)
    encoder = shim_of(model).encoder
    if encoder not in _known:
        _known[encoder] = _of_weights(encoder.weights)
    return _known[encoder]


def _of_weights(weights: Weights) -> str:
    # What was read from a file has been hashed already; all else is once for each encoder.
    return (weights.checked or weights.digest())[:MODEL]


def _of_network(model: network.Network) -> str:
    folded: Any = model.shims[0]  # it hears of updates, which change parameters in place
    behind: list[Any] = [
        node.get_param(name)
        for node in model.walk()
        for name in filter(node.has_param, node.param_names)
    ]
    behind += depends_on(model.layers[0]) or []
    return str(folded.noted(behind, lambda: _hash(model)))


def _hash(model: network.Network) -> str:
    total = hashlib.sha256()
    words = words_of(model.layers[0])
    if isinstance(words, ModelWords):
        total.update(words.digest().encode())
    for node in model.walk():
        # The settings too: another window gives others' vectors with the same parameters.
        total.update("".join(network.form_of(node)).encode())
        for name in filter(node.has_param, node.param_names):
            array: Any = on_host(node.ops, node.get_param(name))
            # A checksum each, as this runs after every update that is followed by a prediction.
            checksum = zlib.crc32(np.ascontiguousarray(array).data)
            total.update(f"{name}{array.shape}{checksum:08x}".encode())
    return total.hexdigest()[:MODEL]
