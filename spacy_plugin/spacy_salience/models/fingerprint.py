"""A model's fingerprint: 16 digits, equal for equal models in any process; and its projection."""

from typing import Any
from weakref import WeakKeyDictionary

from thinc.api import Model

from salience.encoder import Encoder

from ..annotations.origin import Origin
from ..annotations.spaces import remember
from ..annotations.stamps import MODEL_DIGITS
from .served import served

_known: WeakKeyDictionary[Encoder, Origin] = WeakKeyDictionary()


def origin_of(model: Model[Any, Any]) -> Origin:
    """Return the first digits of the digest of an encoder's present weights, and its P."""
    encoder = served(model).encoder
    if encoder not in _known:
        # Weights that were read from a file were hashed then; others are hashed here, once.
        digits = (encoder.weights.checked or encoder.weights.digest())[:MODEL_DIGITS]
        weight = encoder.document_weight
        # A copy, as training changes the encoder's own in place.
        _known[encoder] = remember(digits, None if weight is None else weight.copy())
    return _known[encoder]
