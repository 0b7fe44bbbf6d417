"""The base class of the component, for modules that must not import the component itself."""

from typing import Any, Literal

from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc

from .origin import Origin


class Annotator(Tok2Vec):
    """A component that stores results on Docs; component.Salience is the only one.

    names: all names that it has had. device: where its encoder computes.
    """

    names: set[str]
    device: Literal["cpu", "cuda", "auto"]

    def origin(self) -> Origin:
        """Return the origin of the results that its model computes now."""
        raise NotImplementedError

    def attention(self, doc: Doc, rows: tuple[int, int] | None = None) -> Any:
        """Return the attention weights of rows of a document [heads, rows, T]."""
        raise NotImplementedError
