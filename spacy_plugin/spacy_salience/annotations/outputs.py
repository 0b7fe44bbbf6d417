"""An encoder's results for one Doc."""

from typing import Any, NamedTuple

from spacy.tokens import Doc


class DocOutput(NamedTuple):
    """The encoder's output for one Doc of T tokens.

    Token vectors [T, D], salience [T] and received attention [T], which both sum to 1, the
    document vector [D], and the tokens' checksum (see stamps.py), where it is known.
    """

    vectors: Any
    salience: Any
    received: Any
    document: Any
    tokens: str | None = None


def no_gradient(d_vectors: list[Any]) -> list[Doc]:  # noqa: ARG001
    """Take listeners' gradients and do nothing with them."""
    return []
