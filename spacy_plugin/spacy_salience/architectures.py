"""The encoder as a thinc model, so that spaCy configs and listeners know it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from spacy.tokens import Doc
from thinc.api import Model

if TYPE_CHECKING:
    from .shim import EncoderShim


class DocOutput(NamedTuple):
    """The encoder's output for one Doc of T tokens.

    vectors [T, D], salience [T] and received attention [T] (both sum to 1),
    and the document vector [D].
    """

    vectors: Any
    salience: Any
    received: Any
    document: Any


def build_salience_model(pretrained: str) -> Model[list[Doc], list[Any]]:
    """Build "salience.Encoder.v1": a list of Docs to a list of token vectors [T, D].

    The weights are frozen: listeners train on top of them and the gradient
    that they send back ends here.

    Args:
        pretrained: an embedded model's name, or the path of a .safetensors
            file. A missing file is an error only when the model is used:
            spaCy builds it so before it loads a saved pipeline's own weights.
    """
    from salience.encoder import Encoder
    from salience.pretrained import load

    from .shim import EncoderShim

    if pretrained.endswith(".safetensors") and not Path(pretrained).exists():
        return Model("salience", _forward, dims={"nO": None}, shims=[EncoderShim(None, pretrained)])
    shim = EncoderShim(Encoder(load(pretrained)))
    return Model("salience", _forward, dims={"nO": shim.encoder.width}, shims=[shim])


def shim_of(model: Model[Any, Any]) -> "EncoderShim":
    """Return the part of the model that holds the encoder."""
    return cast("EncoderShim", model.shims[0])


def _forward(
    model: Model[list[Doc], list[Any]],
    docs: list[Doc],
    is_train: bool,  # noqa: ARG001
) -> tuple[list[Any], Callable[[list[Any]], list[Doc]]]:
    return [output.vectors for output in shim_of(model).encode(docs)], _end_of_gradient


def _end_of_gradient(d_vectors: list[Any]) -> list[Doc]:  # noqa: ARG001
    return []
