"""What is taken of a processed document: a function for each column, which returns plain values."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from spacy.language import Language
from spacy.tokens import Doc

from salience.errors import RangeError

from ..annotations.extensions import SALIENCE, needed, tensor_of
from ..component.pipelines import component_of
from ..keyphrases.keywords import keywords

Values = dict[str, Any]
"""What is taken of a document, by the names of columns."""


def vector(doc: Doc) -> Any:
    """Return the document's vector [D]."""
    return _floats(doc.vector)


def top_words(doc: Doc) -> list[Values]:
    """Return the ten keywords with their weights."""
    return [{"text": text, "weight": float(weight)} for text, weight in keywords(doc)]


def tokens(doc: Doc) -> list[Values]:
    """Return the tokens with their salience."""
    weights = needed(doc, SALIENCE, "tokens").tolist()
    return [{"text": token.text, "salience": weight}
            for token, weight in zip(doc, weights, strict=True)]  # fmt: skip


def entities(doc: Doc) -> list[Values]:
    """Return the named entities with their labels and places in the text, in characters."""
    return [{"text": each.text, "label": each.label_, "start": each.start_char,
             "end": each.end_char} for each in doc.ents]  # fmt: skip


def categories(doc: Doc) -> list[Values]:
    """Return the categories with their scores."""
    return [{"label": label, "score": float(score)} for label, score in doc.cats.items()]


def sentence_vectors(doc: Doc) -> Any:
    """Return the sentences' vectors [S, D]."""
    found = [_floats(each.vector) for each in doc.sents]
    return np.stack(found) if found else np.zeros((0, 0), np.float32)


def token_vectors(doc: Doc) -> Any:
    """Return the tokens' vectors [T, W]."""
    return _floats(tensor_of(doc))


def text(doc: Doc) -> str:
    """Return the text itself."""
    return str(doc.text)


TAKEN: dict[str, Callable[[Doc], Any]] = {
    "vector": vector,
    "keywords": top_words,
    "tokens": tokens,
    "entities": entities,
    "categories": categories,
    "sentence_vectors": sentence_vectors,
    "token_vectors": token_vectors,
    "text": text,
}
"""The columns and the functions that return their values."""

ANY_TEXT = "1 2 3"
"""A text in no language, of which no component says that it is in the wrong one."""

OF_VECTORS = ("vector", "sentence_vectors", "token_vectors")
"""Columns of vectors."""

_BY = {"entities": "doc.ents", "categories": "doc.cats", "sentence_vectors": "token.is_sent_start"}
"""Columns that some component must fill, by what that one assigns."""


def checked(columns: str | Iterable[str]) -> tuple[str, ...]:
    """Return names of columns, each once; RangeError where there is none, or no such column."""
    names = columns.split(",") if isinstance(columns, str) else list(columns)
    names = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    wrong = [name for name in names if name not in TAKEN]
    if wrong or not names:
        raise RangeError(
            f"columns: expected some of {', '.join(TAKEN)}, got {wrong[0] if wrong else 'none'!r}"
        )
    return tuple(names)


def check_pipeline(nlp: Language, columns: Sequence[str]) -> None:
    """Raise RangeError where no component of the pipeline can fill one of the columns."""
    for name in columns:
        if name in ("keywords", "tokens"):
            component_of(nlp)
        if name in _BY and not _may_assign(nlp, _BY[name]):
            raise RangeError(
                f"column {name}: expected a pipeline with a component that assigns {_BY[name]}, "
                f"got one of {', '.join(nlp.pipe_names) or 'no component'}; name another with "
                "--pipeline"
            )


def widths_of(nlp: Language, columns: Sequence[str]) -> dict[str, int]:
    """Return the widths of the columns of vectors, which the pipeline gives to a text.

    Raises RangeError where it gives none, or fails.
    """
    try:
        doc = nlp(ANY_TEXT)
        found = {name: TAKEN[name](doc).shape[-1] for name in OF_VECTORS if name in columns}
    except Exception as error:
        raise RangeError(
            f"pipeline: expected one that processes the text {ANY_TEXT!r}, which it fails at: "
            f"{type(error).__name__}: {error!s:.200}"
        ) from error
    for name, width in found.items():
        if not width:
            raise RangeError(
                f"column {name}: expected a pipeline with vectors, got one without; add the "
                "component salience, or ask for other columns with --columns"
            )
    return found


def _may_assign(nlp: Language, attribute: str) -> bool:
    """Whether a component says that it assigns the attribute, or does not say what it does."""
    all_assigned = [nlp.get_pipe_meta(name).assigns for name in nlp.pipe_names]
    return any(attribute in assigned or not assigned for assigned in all_assigned)


def _floats(array: Any) -> Any:
    if hasattr(array, "get"):  # of a GPU
        array = array.get()
    return np.array(array, np.float32)
