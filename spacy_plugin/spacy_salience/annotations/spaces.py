"""The two spaces of vectors: the token space and the document space.

A model may end in a projection, d = P sum_t s_t v_t. Then Tokens are in the token space,
and Docs and Spans in the document space; P v brings a Token to the document space, to be
compared with a Doc or a Span. Without P the two spaces are the same.

P is too large to be stored with every Doc; the Doc's stamp says that there is one. A process
knows P as long as a component with this model, or a Doc that it processed, exists.
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
    """Add a component to those that `projection_of_model` asks."""
    _components[id(component)] = component


def remember(model: str, projection: Floats | None) -> Origin:
    """Return the origin of a model's results; P is known as long as an origin or a hook has it."""
    if projection is not None:
        projection = _known.setdefault(model, projection)
    return Origin(model, projection)


def projection_of(doc: Doc) -> Floats | None:
    """Return P [K, D] of the model whose results a Doc has; None where the model has none.

    Raises AnnotationError where this process does not know P, or where neither a stamp nor
    the vectors show whether the model has one.
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
    """Return P [K, D] of the model with this fingerprint; AnnotationError where it is unknown."""
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
    """Ask all components for the projection of a model that has not processed a Doc here yet."""
    components = [reference() for reference in _components.valuerefs()]
    origins = (_origin_of(each) for each in components if each is not None)
    return next((each.projection for each in origins if each and each.model == model), None)


def _origin_of(component: Annotator) -> Origin | None:
    try:
        return component.origin()
    except Exception:  # a model that is not loaded or initialised yet has no results either
        return None
