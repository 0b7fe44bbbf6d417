"""What is stored on a Doc, and the attributes that read it.

Results are plain NumPy arrays in doc.user_data (under the keys of `doc._`)
and doc.tensor, so they survive to_bytes, pickle, worker processes and
DocBin(store_user_data=True). Every reader checks that they still fit the Doc.
"""

from functools import partial
from typing import Any, cast

from spacy.tokens import Doc, Token

from salience.checks import at_least
from salience.errors import AnnotationError

SALIENCE, VECTOR, ATTENTION = "salience", "salience_vector", "attention"
TOP = "salience_top"


def _key(name: str) -> str:
    # spaCy's own key for a value of doc._; its annotations know only str
    return cast(str, ("._.", name, None, None))


_SALIENCE, _ATTENTION = _key(SALIENCE), _key(ATTENTION)
_CHECKED = (f"doc._.{SALIENCE}", f"doc._.{ATTENTION}", "doc.tensor")

_AGAIN = 'process the document again: doc = nlp.get_pipe("salience")(doc)'


def register() -> None:
    """Register the attributes; calling it twice is harmless."""
    for name in (SALIENCE, VECTOR, ATTENTION):
        if not Doc.has_extension(name):
            # partial and not a closure: spawned workers receive the registry by pickle
            Doc.set_extension(
                name, getter=partial(read, name=name), setter=partial(write, name=name)
            )
    if not Token.has_extension(SALIENCE):
        Token.set_extension(SALIENCE, getter=token_salience)
    if not Doc.has_extension(TOP):
        Doc.set_extension(TOP, method=salience_top)


def write(doc: Doc, value: Any, name: str) -> None:
    """Store one result; None removes it."""
    if value is None:
        doc.user_data.pop(_key(name), None)
    else:
        doc.user_data[_key(name)] = value


def read(doc: Doc, name: str) -> Any:
    """Return one result, or None where the document has not been processed.

    Where spaCy has dropped the hooks meanwhile, they are put back. Raises
    AnnotationError where tokens were split or merged since.
    """
    value = doc.user_data.get(_key(name))
    if value is not None:
        _check_rows(doc)
        if "vector" not in doc.user_hooks:
            from .similarity import attach

            attach(doc)
    return value


def tensor_of(doc: Doc) -> Any:
    """Return doc.tensor [T, D], whichever component wrote it.

    Raises AnnotationError where it is missing, or tokens were split since.
    """
    if len(doc) and not _rows(doc.tensor):
        raise AnnotationError(
            "doc.tensor: expected one row a token, found none; the document was not processed, was "
            f"cleared (doc_cleaner), or came out of a DocBin, which does not keep tensors: {_AGAIN}"
        )
    _check_rows(doc)
    return doc.tensor


def token_vectors(doc: Doc) -> Any:
    """Return doc.tensor [T, D], as the salience component wrote it.

    Raises AnnotationError where it is missing, or tokens were split since, or
    it is another component's.
    """
    vector = read(doc, VECTOR)
    tensor_of(doc)
    if vector is not None and doc.tensor.shape[1:] != vector.shape:
        raise AnnotationError(
            f"doc.tensor: expected vectors of width {len(vector)}, found {doc.tensor.shape[1:]}; "
            "another component, such as tok2vec, wrote it after salience: put salience after it"
        )
    return doc.tensor


def _check_rows(doc: Doc) -> None:
    """Refuse all results where one of them does not have a row for each token.

    A merge leaves doc.tensor with the right number of rows, and a split with
    one too many, so that a split and a merge show there alone.
    """
    length, get = len(doc), doc.user_data.get  # this runs for every pair of doc.similarity
    for what, value in zip(_CHECKED, (get(_SALIENCE), get(_ATTENTION), doc.tensor), strict=True):
        rows = _rows(value)
        if rows and rows != length:
            raise AnnotationError(
                f"{what}: expected one row for each of the {length} tokens, found {rows}; tokens "
                "were split or merged after the salience component: put it after what does so, or "
                f"{_AGAIN}"
            )


def _rows(value: Any) -> int:
    return 0 if value is None else len(value)


def token_salience(token: Token) -> float | None:
    """Return the token's share of its document's salience."""
    salience = read(token.doc, SALIENCE)
    return None if salience is None else float(salience[token.i])


def salience_top(doc: Doc, n: int = 10) -> list[tuple[Token, float]]:
    """Return the n tokens of the highest salience, highest first, as (token, salience).

    These are places in the text, whatever stands there; `keywords` sums over
    the places of a word. With equal salience the earlier token is first.

    Raises AnnotationError where the document was not processed, and RangeError
    where n is not at least 0.
    """
    n = at_least(TOP, "n", n, 0)
    salience = needed(doc, SALIENCE, f"doc._.{TOP}")
    order = (-salience).argsort(kind="stable")[:n]
    return [(doc[int(place)], float(salience[place])) for place in order]


def needed(doc: Doc, name: str, what: str) -> Any:
    """Return one result, which `what` is made of; AnnotationError where there is none."""
    value = read(doc, name)
    if value is None:
        raise AnnotationError(
            f"{what}: expected doc._.{name}, found none; the document was not processed, was "
            "cleared (doc_cleaner), or is a new one (span.as_doc, Doc.from_docs): process it with "
            'a pipeline that has the component, nlp.add_pipe("salience")'
        )
    return value
