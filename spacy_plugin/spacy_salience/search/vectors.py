"""The vectors of many Docs, Spans and Tokens, or arrays of vectors, checked before use."""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray
from spacy.lexeme import Lexeme
from spacy.tokens import Doc, Span, Token

from salience import checks
from salience.errors import AnnotationError, DtypeError, RangeError, ShapeError
from salience.types import Floats, Metric

from ..annotations.similarity import Annotated, vector_of
from ..annotations.spaces import project, projection_of_model
from ..annotations.stamps import OneModel, Space
from .foreign import is_vector, plain, row_of

One: TypeAlias = Annotated | ArrayLike
Many: TypeAlias = Iterable[Annotated | ArrayLike] | ArrayLike

ANNOTATED = (Doc, Span, Token)


def vectors_of(
    where: str, name: str, items: Many, metric: Metric, models: OneModel | None = None
) -> Floats:
    """Return the vectors [N, D] of items, float32; (0, 0) of none.

    Where the model ends in a projection, they are in the space of `models` after these
    items. Raises AnnotationError where an item was not processed, or is not of the one
    model of `models`, and ShapeError, DtypeError or RangeError where its numbers cannot be
    compared.
    """
    given, models = several(where, name, items), models or OneModel(where)
    rows = given if _is_numbers(given) else _end_to_end(where, name, given, models)
    return _checked(where, name, rows, metric)


def moved(
    where: str, name: str, rows: Floats, space: Space | None, metric: Metric, models: OneModel
) -> Floats:
    """Return vectors of this space in the present space of `models`.

    Raises AnnotationError where the model's projection is not known in this process, and
    RangeError where numbers cannot be compared.
    """
    if (space, models.space) != ("token", "document"):
        return rows
    return _checked(where, name, project(projection_of_model(models.model), rows), metric)


def _checked(where: str, name: str, rows: NDArray[Any], metric: Metric) -> Floats:
    if rows.shape == (0,):
        rows = np.zeros((0, 0), dtype=np.float32)
    with np.errstate(over="ignore"):  # a number beyond float32 becomes inf and is refused below
        vectors = checks.floats(where, name, rows, ("N", "D"))
    checks.comparable(where, name, vectors, metric)
    return vectors


def several(where: str, name: str, items: Any) -> Any:
    """Return several items as an iterable; arrays and tables of any library as NumPy arrays.

    Raises AnnotationError where they are one Doc or text, or cannot be iterated.
    """
    if isinstance(items, (*ANNOTATED, Lexeme)):
        raise AnnotationError(
            f"{where}: {name} must be several Docs, Spans or Tokens, got one "
            f"{type(items).__name__}; give a list: [doc] for itself, list(doc) for its tokens"
        )
    items = plain(where, name, items)
    texts = (str, bytes, bytearray)
    if not isinstance(items, Iterable) or isinstance(items, (*texts, Mapping)):
        advice = "process texts first, list(nlp.pipe(texts))" if isinstance(items, texts) else (
            "give a list of them, list(docs.values())" if isinstance(items, Mapping) else
            "give a list of Docs"
        )  # fmt: skip
        raise AnnotationError(
            f"{where}: {name} must be several Docs, Spans, Tokens or vectors, got one "
            f"{type(items).__name__}; {advice}"
        )
    return items


def vector_as_row(
    where: str, name: str, item: One, metric: Metric, models: OneModel | None = None
) -> Floats:
    """Return the vector [1, D] of one item; raises as vectors_of."""
    models = models or OneModel(where)
    row = _checked(where, name, _row(where, name, item, models)[None], metric)
    return moved(where, name, row, "token", metric, models) if isinstance(item, Token) else row


def is_one(item: object) -> bool:
    """Say whether this is one Doc, Span, Token or vector [D], and not several.

    An array of another library must be converted by `plain` first.
    """
    return isinstance(item, (*ANNOTATED, Lexeme)) or is_vector(item)


def fitted(where: str, name: str, vectors: Floats, width: int) -> Floats:
    """Return the vectors, which must have this width; where there are none, [0, width]."""
    if not len(vectors):
        return vectors.reshape(0, width)
    if vectors.shape[1] != width:
        raise ShapeError(
            f"{where}: {name} must have vectors of width {width} as the others, got "
            f"{vectors.shape[1]}; process all documents with the same pipeline"
        )
    return vectors


def _is_numbers(items: object) -> bool:
    return isinstance(items, np.ndarray) and items.dtype.kind != "O"


def _end_to_end(where: str, name: str, items: Iterable[Any], models: OneModel) -> NDArray[Any]:
    rows: list[Any] = []
    tokens: list[int] = []
    for item in items:
        rows.append(_row(where, name, item, models, len(rows)))
        if models.space and isinstance(item, Token):
            tokens.append(len(rows) - 1)
    if not rows:
        return np.zeros((0, 0), dtype=np.float32)
    if tokens and models.space == "document":
        found = project(projection_of_model(models.model), np.stack([rows[i] for i in tokens]))
        for place, row in zip(tokens, found, strict=True):
            rows[place] = row
    widths = sorted(set(map(len, rows)))
    if len(widths) > 1:
        odd = next(place for place, row in enumerate(rows) if len(row) != len(rows[0]))
        raise ShapeError(
            f"{where}: {name} must have vectors of one width, got {widths}, of which "
            f"{name}[{odd}] is the first that differs; process all documents with the same pipeline"
        )
    # numpy.stack takes longer on many short rows than computing all their products.
    return np.concatenate(rows).reshape(len(rows), widths[0])


def _row(where: str, name: str, item: Any, models: OneModel, place: int | None = None) -> Any:
    """Return the vector [D] of one item; an error names the item by its place."""
    try:
        row = _vector(item)
    except (AnnotationError, DtypeError, RangeError, ShapeError) as error:
        own = name if place is None else f"{name}[{place}]"
        raise type(error)(f"{where}: {own}: {error}") from error
    if isinstance(item, ANNOTATED):
        models.add(item)
    return row


def _vector(item: Any) -> Any:
    if isinstance(item, (*ANNOTATED, Lexeme)):
        return vector_of(cast(Annotated, item))  # raises for a Lexeme, and says why
    if isinstance(item, (str, bytes)) or item is None:
        raise AnnotationError(
            f"expected a Doc, a Span or a Token, got {type(item).__name__}; process texts first, "
            "list(nlp.pipe(texts)), or give vectors [D] of numbers"
        )
    return row_of(item)
