"""The part of the component that lower modules know: its names, and its attention."""

from typing import Any, Literal

from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc

from .origin import Origin


class Annotator(Tok2Vec):
    """A component that stores results on Docs; component.Salience is the one there is.

    names: all names that it has had. device: where its encoder computes.
    """

    names: set[str]
    device: Literal["cpu", "cuda", "auto"]

    def origin(self) -> Origin:
        """Return which model results are of now."""
        raise NotImplementedError

    def attention(self, doc: Doc, rows: tuple[int, int] | None = None) -> Any:
        """Return the attention weights of rows of a document [heads, rows, T]."""
        raise NotImplementedError
