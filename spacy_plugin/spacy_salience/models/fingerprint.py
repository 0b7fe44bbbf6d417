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
    """Return what an encoder is known by as it is now: digits of its weights' digest, and P."""
    encoder = served(model).encoder
    if encoder not in _known:
        # What was read from a file has been hashed already; all else is once for each encoder.
        digits = (encoder.weights.checked or encoder.weights.digest())[:MODEL_DIGITS]
        weight = encoder.document_weight
        # A copy: what learns changes its own in place.
        _known[encoder] = remember(digits, None if weight is None else weight.copy())
    return _known[encoder]
