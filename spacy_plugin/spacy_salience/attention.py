"""From a Doc back to the component that can compute its attention weights."""

from typing import TYPE_CHECKING, Any

from spacy.language import Language
from spacy.tokens import Doc

from salience.errors import AnnotationError

if TYPE_CHECKING:
    from .component import Salience

HOOK = "salience_attention"
"""The hook's name in doc.user_hooks."""


class AttentionHook:
    """What a Doc keeps of the component that processed it: nothing once it is pickled.

    spaCy pickles a Doc's hooks with it, and the model must not travel along.
    """

    def __init__(self, component: "Salience | None" = None) -> None:
        self.component = component

    def __call__(self, doc: Doc, rows: tuple[int, int]) -> Any:
        """Return the attention weights of rows [heads, rows, T]."""
        if self.component is None:
            raise AnnotationError(
                "attention: expected the pipeline that computes its weights, found none (the "
                "document was not processed by it, or was serialised since); give it as "
                "render(..., nlp=nlp)"
            )
        return self.component.attention(doc, rows)

    def __reduce__(self) -> tuple[type["AttentionHook"], tuple[()]]:
        return AttentionHook, ()


def attention_of(doc: Doc, rows: tuple[int, int], nlp: Language | None) -> Any:
    """Return attention weights by the last component of nlp, or by the one that processed the Doc.

    Raises AnnotationError where there is none.
    """
    if nlp is None:
        return doc.user_hooks.get(HOOK, AttentionHook())(doc, rows)
    from .component import Salience

    pipes = (pipe for _, pipe in reversed(nlp.pipeline) if isinstance(pipe, Salience))
    return AttentionHook(next(pipes, None))(doc, rows)
