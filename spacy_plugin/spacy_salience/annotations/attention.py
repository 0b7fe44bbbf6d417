"""A Doc's reference to the component that can compute its attention weights."""

import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from salience.errors import AnnotationError

from .annotator import Annotator

HOOK = "salience_attention"
"""The hook's name in doc.user_hooks."""


class AttentionHook:
    """A Doc's reference to the component that processed it; pickling drops the reference.

    spaCy pickles a Doc's hooks with the Doc, and the model must not be pickled with them.
    tensor: a weak reference to doc.tensor as it was when results were last written or
    checked, since spaCy replaces the array when it merges or splits tokens. own: whether
    the component wrote that array. projection: that of the model which computed the results
    (see spaces.py); the reference keeps it known to this process.
    """

    def __init__(
        self, component: Annotator | None = None, doc: Doc | None = None, own: bool = True,
        projection: Any = None,
    ) -> None:  # fmt: skip
        self.component, self.own, self.projection = component, own, projection
        # A weak reference, so that doc_cleaner frees the array.
        self.tensor: Callable[[], Any] = _nothing if doc is None else _reference(doc.tensor)
        self.tokens = 0 if doc is None else len(doc)

    def __call__(self, doc: Doc, rows: tuple[int, int]) -> Any:
        """Return the attention weights of rows [heads, rows, T]."""
        if self.component is None:
            raise AnnotationError(
                "attention: expected the pipeline that computes its weights, found none (the "
                "document was not processed by it, or was serialised since); give it as "
                "render(..., nlp=nlp)"
            )
        return self.component.attention(doc, rows)

    def anew(self, doc: Doc | None = None, own: bool = True) -> "AttentionHook":
        """Return a hook of the same component for this document's array, or for none."""
        return AttentionHook(self.component, doc, own, self.projection)

    def __reduce__(self) -> tuple[type["AttentionHook"], tuple[()]]:
        return AttentionHook, ()


def _nothing() -> None:
    return None


def _reference(tensor: Any) -> Callable[[], Any]:
    # spaCy never replaces an array without rows, and the component writes no CuPy arrays.
    known = isinstance(tensor, np.ndarray) and len(tensor)
    return weakref.ref(tensor) if known else _nothing


def attention_of(doc: Doc, rows: tuple[int, int], nlp: Language | None) -> Any:
    """Return attention weights by the last component of nlp, or by the one that processed the Doc.

    Raises AnnotationError where there is none.
    """
    if nlp is None:
        return doc.user_hooks.get(HOOK, AttentionHook())(doc, rows)
    pipes = (pipe for _, pipe in reversed(nlp.pipeline) if isinstance(pipe, Annotator))
    return AttentionHook(next(pipes, None))(doc, rows)
