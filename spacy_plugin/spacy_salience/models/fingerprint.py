"""A model's fingerprint: 16 digits, equal for equal models in any process."""

from typing import Any
from weakref import WeakKeyDictionary

from thinc.api import Model

from salience.encoder import Encoder

from ..annotations.stamps import MODEL_DIGITS
from .served import served

_known: WeakKeyDictionary[Encoder, str] = WeakKeyDictionary()


def fingerprint(model: Model[Any, Any]) -> str:
    """Return the fingerprint of an encoder as it is now: digits of its weights' digest."""
    encoder = served(model).encoder
    if encoder not in _known:
        # What was read from a file has been hashed already; all else is once for each encoder.
        _known[encoder] = (encoder.weights.checked or encoder.weights.digest())[:MODEL_DIGITS]
    return _known[encoder]
