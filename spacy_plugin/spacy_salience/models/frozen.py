"""What tells a frozen model: its name, and the part of it that holds the encoder."""

from typing import TYPE_CHECKING, Any, cast

from thinc.api import Model

if TYPE_CHECKING:
    from .shim import EncoderShim

FROZEN = "salience"


def is_frozen(model: Model[Any, Any]) -> bool:
    """Say whether this is an encoder that was trained before."""
    return bool(model.name == FROZEN)


def shim_of(model: Model[Any, Any]) -> "EncoderShim":
    """Return the part of a frozen model that holds the encoder."""
    return cast("EncoderShim", model.shims[0])
