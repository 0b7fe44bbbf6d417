"""The functions under `doc._` and `token._`; each restores hooks that spaCy has dropped."""

from typing import Any

from spacy.tokens import Doc, Token

from salience.checks import at_least

from .extensions import SALIENCE, TOP, needed, read
from .similarity import with_hooks


def result(doc: Doc, name: str) -> Any:
    """Return one result, or None where the document has not been processed.

    Raises AnnotationError where tokens were split or merged since, or the stored
    value is not such a result.
    """
    value = read(doc, name)
    with_hooks(doc)
    return value


def token_salience(token: Token) -> float | None:
    """Return the token's share of its document's salience."""
    salience = result(token.doc, SALIENCE)
    return None if salience is None else float(salience[token.i])


def salience_top(doc: Doc, n: int = 10) -> list[tuple[Token, float]]:
    """Return the n tokens with the highest salience, highest first, as (token, salience).

    These are single tokens; `keywords` sums over all places of a word. Among tokens of
    equal salience, earlier ones come first.

    Raises AnnotationError where the document was not processed, and RangeError
    where n is not at least 0.
    """
    n = at_least(TOP, "n", n, 0)
    salience = needed(doc, SALIENCE, f"doc._.{TOP}")
    with_hooks(doc)
    order = (-salience).argsort(kind="stable")[:n]
    return [(doc[int(place)], float(salience[place])) for place in order]
