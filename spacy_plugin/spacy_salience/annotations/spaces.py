"""The two spaces of vectors: that of tokens, and that of documents.

A model may end in a projection, d = P sum_t s_t v_t. Tokens are in the token space then,
Docs and Spans in the document space, and where a Token is compared with a Doc or a Span
it is P v that is compared. Without P both spaces are one.

P is too large to be kept with every Doc, whose stamp says that there is one. It is known
in this process as long as a component that has it, or a Doc of that component, is.
"""

from typing import Any
from weakref import WeakValueDictionary

from spacy.tokens import Doc

from salience.errors import AnnotationError
from salience.types import Floats

from . import stamps
from .annotator import Annotator
from .extensions import is_sum
from .origin import Origin

_components: WeakValueDictionary[int, Annotator] = WeakValueDictionary()
_known: WeakValueDictionary[str, Floats] = WeakValueDictionary()
"""P by the fingerprint of its model."""


def announce(component: Annotator) -> None:
    """Ask this component too where the projection of a model is looked for."""
    _components[id(component)] = component


def remember(model: str, projection: Floats | None) -> Origin:
    """Return the origin of results of a model, whose P is known as long as somebody holds that."""
    if projection is not None:
        projection = _known.setdefault(model, projection)
    return Origin(model, projection)


def projection_of(doc: Doc) -> Floats | None:
    """Return P [K, D] of the model whose results a Doc has; None where its vector is the sum.

    Raises AnnotationError where there is one that this process does not know, or nothing
    tells whether there is one.
    """
    if stamps.token_width(doc) is not None:
        return projection_of_model(stamps.model_of(doc))
    if stamps.model_of(doc) is None and not is_sum(doc):
        raise AnnotationError(
            "document space: expected a vector that is the sum of its tokens' by salience, found "
            "another, and no stamp says of which model; one of them was changed, or the model ends "
            "in a projection: process the document again"
        )
    return None


def projection_of_model(model: str | None) -> Floats:
    """Return P [K, D] of the model with this fingerprint, which has one."""
    found = _known.get(str(model))
    found = _asked(model) if found is None else found
    if found is None:
        raise AnnotationError(
            "document space: expected the model whose results these are, which ends in a "
            "projection, found it nowhere in this process; load its pipeline first, "
            "nlp = spacy.load(...), and keep it, or process the document again with another"
        )
    return found


def project(projection: Floats, rows: Any) -> Floats:
    """Return P v [N, K] of rows [N, D], with the same bits on every processor."""
    from salience.ops import affine  # numba is imported when it is needed

    return affine(rows, projection)


def _asked(model: str | None) -> Floats | None:
    """Ask all components for the projection of a model, which none of their Docs told yet."""
    components = [reference() for reference in _components.valuerefs()]
    origins = (_origin_of(each) for each in components if each is not None)
    return next((each.projection for each in origins if each and each.model == model), None)


def _origin_of(component: Annotator) -> Origin | None:
    try:
        return component.origin()
    except Exception:  # its model was not loaded or initialised yet, and nobody has its results
        return None
