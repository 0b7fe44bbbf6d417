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

_AGAIN = "run the document through the pipeline again"


def register() -> None:
    """Register the attributes; calling it twice is harmless."""
    for name in (SALIENCE, VECTOR, ATTENTION):
        if not Doc.has_extension(name):
            # partial and not a closure: spawned workers receive the registry by pickle
            Doc.set_extension(
                name, getter=partial(_get, name=name), setter=partial(write, name=name)
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

    Raises AnnotationError where tokens were split or merged since.
    """
    value = doc.user_data.get(_key(name))
    if value is not None and name != VECTOR:
        check_rows(doc, f"doc._.{name}", len(value))
    return value


def _get(doc: Doc, name: str) -> Any:
    """Read one result, and bring back the hooks if spaCy has dropped them meanwhile."""
    from .similarity import attach

    value = read(doc, name)
    if value is not None and "vector" not in doc.user_hooks:
        attach(doc)
    return value


def token_vectors(doc: Doc) -> Any:
    """Return doc.tensor [T, D].

    Raises AnnotationError where it is missing, or tokens were split since.
    """
    if not len(doc.tensor) and len(doc):
        raise AnnotationError(
            "doc.tensor: expected one row a token, found none (the document was not processed, or "
            f"came out of a DocBin, which does not keep tensors); {_AGAIN}"
        )
    check_rows(doc, "doc.tensor", len(doc.tensor))
    vector = read(doc, VECTOR)
    if vector is not None and doc.tensor.shape[1:] != vector.shape:
        raise AnnotationError(
            f"doc.tensor: expected vectors of width {len(vector)}, found {doc.tensor.shape[1:]}; "
            "another component, such as tok2vec, wrote it after salience: put salience after it"
        )
    return doc.tensor


def check_rows(doc: Doc, what: str, rows: int) -> None:
    """Refuse results whose length is not the document's."""
    if rows != len(doc):
        raise AnnotationError(
            f"{what}: expected one row for each of the {len(doc)} tokens, found {rows}; "
            f"tokens were split or merged after the salience component: {_AGAIN}"
        )


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
    salience = present(read(doc, SALIENCE))
    order = (-salience).argsort(kind="stable")[:n]
    return [(doc[int(place)], float(salience[place])) for place in order]


def present(value: Any) -> Any:
    """Return a result; AnnotationError where there is none."""
    if value is None:
        raise AnnotationError(
            "expected a document with salience results, found none; "
            'add the component with nlp.add_pipe("salience") and process the text with it'
        )
    return value


def _key(name: str) -> str:
    # spaCy's own key for a value of doc._; its annotations know only str
    return cast(str, ("._.", name, None, None))
