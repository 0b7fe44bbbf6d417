"""Stamps: short strings stored with results, which identify their model and tokens.

A stamp is 16 digits of the model's fingerprint (see fingerprint.py) and 8 of the
tokens' checksum. Where the model ends in a projection (see spaces.py), ":" and the width
of token vectors follow. Documents that older versions processed have no stamp, and are
not checked.
"""

import re
import zlib
from typing import Any, Literal, TypeAlias, cast

from spacy.attrs import ORTH
from spacy.tokens import Doc, Span, Token

from salience.errors import AnnotationError

from .origin import Origin

Space: TypeAlias = Literal["token", "document"]

STAMP = "salience_stamp"


def key_of(name: str) -> str:
    """Return spaCy's own key in doc.user_data for a value of doc._."""
    return cast(str, ("._.", name, None, None))  # by spaCy's annotations keys are str


KEY = key_of(STAMP)
"""A key of doc._, so that spaCy drops the stamp where it drops the results."""

MODEL_DIGITS = 16
"""Digits of a stamp that are of the model."""

_LENGTH = 24
"""Digits of a stamp in all."""

_FORM = re.compile(r"[0-9a-f]{24}(:[1-9][0-9]{0,8})?")


def stamp_of(origin: Origin, tokens: str) -> str:
    """Return the stamp of results of this model for tokens with this checksum."""
    projected = "" if origin.projection is None else f":{origin.projection.shape[1]}"
    return f"{origin.model}{tokens}{projected}"


def tokens_of(doc: Doc) -> str:
    """Return the checksum of the tokens' texts; a merge or a split changes it."""
    return checksum(doc.to_array(ORTH))


def checksum(texts: Any) -> str:
    """Return the checksum of tokens, by their ORTH [T]."""
    return f"{zlib.crc32(texts):08x}"


def model_of(doc: Doc) -> str | None:
    """Return the fingerprint of the model whose results the doc has, where it is known."""
    stamped = _stamp_of(doc)
    return stamped[:MODEL_DIGITS] if stamped else None


def of_these_tokens(doc: Doc) -> bool:
    """Say whether the results are of the doc's present tokens; True where there is no stamp."""
    stamped = _stamp_of(doc)
    return not stamped or stamped[MODEL_DIGITS:_LENGTH] == tokens_of(doc)


def token_width(doc: Doc) -> int | None:
    """Return the width of token vectors where the model ends in a projection; else None."""
    stamped = _stamp_of(doc)
    return int(stamped[_LENGTH + 1 :]) if stamped and len(stamped) > _LENGTH else None


def check_same(where: str, a: Doc | Span | Token, b: Doc | Span | Token) -> None:
    """Raise AnnotationError where two items' results are of two models."""
    one, other = model_of(doc_of(a)), model_of(doc_of(b))
    if one != other and one and other:
        raise AnnotationError(_two_models(where))


class OneModel:
    """Many documents' results, all of one model, and the space in which all are compared.

    Raises AnnotationError from `add` at the first document that is of another model.
    """

    def __init__(self, where: str, model: str | None = None, space: Space | None = None) -> None:
        self.where, self.model = where, model
        self._projected, self._documents = space is not None, space == "document"

    @property
    def space(self) -> Space | None:
        """The document space where an item is a Doc or a Span; None without a projection."""
        if not self._projected:
            return None
        return "document" if self._documents else "token"

    def add(self, item: Doc | Span | Token) -> None:
        """Add an item; the caller has read, and so checked, its results."""
        stamped = _stamp_of(doc_of(item))
        self._documents = self._documents or not isinstance(item, Token)
        if not stamped:
            return
        found = stamped[:MODEL_DIGITS]
        if found != self.model:
            if self.model:
                raise AnnotationError(_two_models(self.where))
            self.model = found
        self._projected = self._projected or len(stamped) > _LENGTH


def _stamp_of(doc: Doc) -> str | None:
    found: Any = doc.user_data.get(KEY)
    return found if type(found) is str else None


def read_stamp(doc: Doc) -> str | None:
    """Return the stamp of the doc's results, or None where it has none."""
    return _stamp_of(doc)


def write_stamp(doc: Doc, value: Any) -> None:
    """Store a stamp, as Doc.from_json does; None removes it.

    Raises AnnotationError where the value is no stamp.
    """
    if value is None:
        doc.user_data.pop(KEY, None)
    elif isinstance(value, str) and _FORM.fullmatch(value):
        doc.user_data[KEY] = value
    else:
        raise AnnotationError(
            f"doc._.{STAMP}: expected 24 hexadecimal digits, as a pipeline writes them, found "
            f"{str(value)[:40]!r}; leave it out, or take it from doc._.{STAMP}"
        )


def doc_of(item: Doc | Span | Token) -> Doc:
    """Return the item itself where it is a Doc, else its document."""
    return item if isinstance(item, Doc) else item.doc


def _two_models(where: str) -> str:
    return (
        f"{where}: expected results of one model, got those of two; an encoder that was trained "
        "or loaded anew in between is another one. Process all documents again with the same "
        "pipeline: docs = list(nlp.pipe(doc.text for doc in docs))"
    )
