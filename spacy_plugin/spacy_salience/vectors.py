"""Many vectors at once: of Docs, Spans and Tokens, or as an array, checked before they are used."""

from collections.abc import Iterable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Span, Token

from salience import checks
from salience.errors import AnnotationError, ShapeError
from salience.types import Floats, Metric

from .similarity import Annotated, vector_of
from .stamps import OneModel

One: TypeAlias = Annotated | NDArray[Any]
Many: TypeAlias = Iterable[Annotated] | NDArray[Any]


def vectors_of(
    where: str, name: str, items: Many, metric: Metric, models: OneModel | None = None
) -> Floats:
    """Return the vectors [N, D] of items, float32; (0, 0) of none.

    Raises AnnotationError where one was not processed, or is of another model
    than those before it and those that `models` knows, and ShapeError,
    DtypeError or RangeError where numbers cannot be compared.
    """
    if isinstance(items, (Doc, Span, Token)):
        raise AnnotationError(
            f"{where}: {name} must be several Docs, Spans or Tokens, got one "
            f"{type(items).__name__}; give a list: [doc] for itself, list(doc) for its tokens"
        )
    given = isinstance(items, np.ndarray)
    rows: Any = items if given else _end_to_end(where, name, items, models or OneModel(where))
    vectors = checks.floats(where, name, rows, ("N", "D"))
    checks.comparable(where, name, vectors, metric)
    return vectors


def vector_as_row(
    where: str, name: str, item: One, metric: Metric, models: OneModel | None = None
) -> Floats:
    """Return the vector [1, D] of one item; raises as vectors_of."""
    many: Any = item[None] if isinstance(item, np.ndarray) else [item]
    return vectors_of(where, name, many, metric, models)


def is_one(item: object) -> bool:
    """Say whether this is one Doc, Span, Token or vector [D], and not several."""
    return isinstance(item, (Doc, Span, Token)) or (isinstance(item, np.ndarray) and item.ndim == 1)


def fitted(where: str, name: str, vectors: Floats, width: int) -> Floats:
    """Return vectors of this width; none of any width are none of this one."""
    if not len(vectors):
        return vectors.reshape(0, width)
    if vectors.shape[1] != width:
        raise ShapeError(
            f"{where}: {name} must have vectors of width {width} as the others, got "
            f"{vectors.shape[1]}; process all documents with the same pipeline"
        )
    return vectors


def _end_to_end(
    where: str, name: str, items: Iterable[Annotated], models: OneModel
) -> NDArray[Any]:
    rows = []
    for item in items:
        rows.append(vector_of(item))
        models.add(item)
    if not rows:
        return np.zeros((0, 0), dtype=np.float32)
    widths = sorted(set(map(len, rows)))
    if len(widths) > 1:
        raise ShapeError(
            f"{where}: {name} must have vectors of one width, got {widths}; process all "
            "documents with the same pipeline"
        )
    # Not numpy.stack, which takes longer over many short rows than a product of all.
    return np.concatenate(rows).reshape(len(rows), widths[0])
