"""A model's fingerprint: 16 digits, equal for equal models in any process."""

import hashlib
import zlib
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from thinc.api import Model

from salience.encoder import Encoder
from salience.layers.host import on_host
from salience.weights import Weights

from . import network
from .architectures import shim_of
from .stamps import MODEL

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
    named = [
        (node, name) for node in model.walk() for name in node.param_names if node.has_param(name)
    ]
    return str(folded.noted([node.get_param(name) for node, name in named], lambda: _hash(named)))


def _hash(named: list[tuple[Any, str]]) -> str:
    total = hashlib.sha256()
    for node, name in named:
        array: Any = on_host(node.ops, node.get_param(name))
        # A checksum each, as this runs after every update that is followed by a prediction.
        checksum = zlib.crc32(np.ascontiguousarray(array).data)
        total.update(f"{name}{array.shape}{checksum:08x}".encode())
    return total.hexdigest()[:MODEL]
