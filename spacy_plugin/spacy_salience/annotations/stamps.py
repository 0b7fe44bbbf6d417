"""Which model results are of, and of which tokens: a few characters that are kept with them.

A stamp is 16 digits of the model's fingerprint (see fingerprint.py) and 8 of the
tokens' checksum. Documents that were processed before there were stamps have
none, and are taken as they are.
"""

import re
import zlib
from typing import Any, cast

from spacy.attrs import ORTH
from spacy.tokens import Doc, Span, Token

from salience.errors import AnnotationError

STAMP = "salience_stamp"


def key_of(name: str) -> str:
    """Return spaCy's own key in doc.user_data for a value of doc._."""
    return cast(str, ("._.", name, None, None))  # its annotations know only str


KEY = key_of(STAMP)
"""A key of doc._, so that the stamp is dropped wherever the results are."""

MODEL_DIGITS = 16
"""How many digits are the model's."""

_FORM = re.compile(r"[0-9a-f]{24}")


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
    """Say whether the results are of the doc's present tokens, as far as is known."""
    stamped = _stamp_of(doc)
    return not stamped or stamped[MODEL_DIGITS:] == tokens_of(doc)


def check_same(where: str, a: Doc | Span | Token, b: Doc | Span | Token) -> None:
    """Raise AnnotationError where two items' results are of two models."""
    one, other = model_of(_doc_of(a)), model_of(_doc_of(b))
    if one != other and one and other:
        raise AnnotationError(_two_models(where))


class OneModel:
    """Many documents' results, all of one model.

    Raises AnnotationError from `add` at the first document that is of another one.
    """

    def __init__(self, where: str, model: str | None = None) -> None:
        self.where, self.model = where, model

    def add(self, item: Doc | Span | Token) -> None:
        """Take one more item, whose results have been read."""
        found = model_of(_doc_of(item))
        if found != self.model and found:
            if self.model:
                raise AnnotationError(_two_models(self.where))
            self.model = found


def _stamp_of(doc: Doc) -> str | None:
    found: Any = doc.user_data.get(KEY)
    return found if type(found) is str else None


def read_stamp(doc: Doc) -> str | None:
    """Return the stamp of the doc's results, or None where it has none."""
    return _stamp_of(doc)


def write_stamp(doc: Doc, value: Any) -> None:
    """Store a stamp, as Doc.from_json does; None removes it.

    Raises AnnotationError where it is none.
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


def _doc_of(item: Doc | Span | Token) -> Doc:
    return item if isinstance(item, Doc) else item.doc


def _two_models(where: str) -> str:
    return (
        f"{where}: expected results of one model, got those of two; an encoder that was trained "
        "or loaded anew in between is another one. Process all documents again with the same "
        "pipeline: docs = list(nlp.pipe(doc.text for doc in docs))"
    )
