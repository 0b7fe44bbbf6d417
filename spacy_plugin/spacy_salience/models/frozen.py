"""The frozen encoder as a thinc model: from Docs to token vectors, with fixed weights."""

from collections.abc import Callable
from typing import Any, cast

from spacy.tokens import Doc
from thinc.api import Model

from salience.encoder import Encoder
from salience.model.pretrained import name_for
from salience.model.weights import Weights

from ..annotations.outputs import no_gradient
from ..listeners.listen import placed
from .origins import made_of
from .served import served
from .shim import EncoderShim

NAME = "salience"

UNNAMED = "unnamed"
"""The attribute of a model that its pipeline's language is to choose."""


def frozen_named(name: str) -> Model[list[Doc], list[Any]]:
    """Build the model of an embedded model's name or a file.

    The file may be missing until the model is used (see origins.py).
    """
    shim, reason = made_of(name, lambda weights: EncoderShim(Encoder(weights)))
    return _model(shim or EncoderShim(None, reason), None if shim is None else width_of(shim))


def frozen_unnamed() -> Model[list[Doc], list[Any]]:
    """Build the model that of_language replaces by that of a language."""
    model = _model(EncoderShim(None, "expected the component salience to choose the model"), None)
    model.attrs[UNNAMED] = True
    return model


def of_language(model: Model[Any, Any], lang: str | None) -> Model[Any, Any]:
    """Return an unnamed model's replacement, of the language's own; any other as it is."""
    if is_frozen(model) and model.attrs.get(UNNAMED):
        return frozen_named(name_for(lang or ""))
    return model


def frozen_unknown(reason: str) -> Model[list[Doc], list[Any]]:
    """Build the model of an encoder that is loaded later; until then using it raises the reason."""
    return _model(EncoderShim(None, reason), None)


def frozen_of(weights: Weights) -> Model[list[Doc], list[Any]]:
    """Build the model of these weights."""
    shim = EncoderShim(Encoder(weights))
    return _model(shim, width_of(shim))


def is_frozen(model: Model[Any, Any]) -> bool:
    """Say whether this is the model of a frozen encoder."""
    return bool(model.name == NAME)


def shim_of(model: Model[Any, Any]) -> EncoderShim:
    """Return the shim of a frozen model, which holds the encoder."""
    return cast(EncoderShim, model.shims[0])


def width_of(shim: EncoderShim) -> int:
    """Return the width of its token vectors."""
    return shim.served().encoder.width


def _model(shim: EncoderShim, width: int | None) -> Model[list[Doc], list[Any]]:
    return Model(NAME, _forward, dims={"nO": width}, shims=[shim])


def _forward(
    model: Model[list[Doc], list[Any]],
    docs: list[Doc],
    is_train: bool,  # noqa: ARG001
) -> tuple[list[Any], Callable[[list[Any]], list[Doc]]]:
    return placed(model.ops, [output.vectors for output in served(model).encode(docs)]), no_gradient
