"""Tokens in groups: the same word, an entity, a sentence."""

from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Token

from salience.errors import AnnotationError
from salience.types import Ints

from .similarity import Annotated

By: TypeAlias = Literal["token", "word", "entity", "sentence"]
KINDS: tuple[By, ...] = ("token", "word", "entity", "sentence")

CHUNK = 2**20
"""Numbers that are in float64 at once."""


class Groups(NamedTuple):
    """T tokens in G groups: each group's label, and each token's group [T]."""

    labels: tuple[str, ...]
    places: Ints

    def sums(self, weights: Any, rows: Any) -> NDArray[np.float64]:
        """Return sum_t w_t r_t over each group [G, D], in float64."""
        total = np.zeros((len(self.labels), rows.shape[1]))
        step = max(1, CHUNK // max(1, rows.shape[1]))
        for first in range(0, len(rows), step):
            chunk = slice(first, first + step)
            order = np.argsort(self.places[chunk], kind="stable")
            places = self.places[chunk][order]
            begins = np.flatnonzero(np.diff(places, prepend=-1))
            terms = np.multiply(weights[chunk, None], rows[chunk], dtype=np.float64)[order]
            total[places[begins]] += np.add.reduceat(terms, begins, axis=0)
        return total


def groups_of(item: Annotated, by: By) -> Groups:
    """Group a Doc's, a Span's or a Token's tokens.

    Each alone ("token"), the same in lower case ("word"), by entity with all
    other tokens alone, or by sentence.

    Raises AnnotationError where sentences are asked for and have no boundaries.
    """
    tokens = [item] if isinstance(item, Token) else list(item)
    if by == "word":
        index: dict[str, int] = {}
        places = [index.setdefault(token.lower_, len(index)) for token in tokens]
        return Groups(tuple(index), np.array(places, dtype=np.int64))
    if by == "sentence":
        _check_sentences(item if isinstance(item, Doc) else item.doc)
        begins = np.array([bool(token.is_sent_start) for token in tokens], dtype=bool)
    elif by == "entity":
        begins = np.array([token.ent_iob_ != "I" for token in tokens], dtype=bool)
    else:
        begins = np.ones(len(tokens), dtype=bool)
    begins[:1] = True  # a Span may begin inside of an entity or a sentence
    return Groups(_texts(tokens, begins), np.cumsum(begins) - 1)


def _texts(tokens: list[Token], begins: NDArray[np.bool_]) -> tuple[str, ...]:
    places = [*np.flatnonzero(begins).tolist(), len(tokens)]
    parts = (tokens[first:last] for first, last in pairwise(places))
    return tuple(
        "".join(token.text_with_ws for token in part[:-1]) + part[-1].text for part in parts
    )


def _check_sentences(doc: Doc) -> None:
    if not doc.has_annotation("SENT_START"):
        raise AnnotationError(
            'by="sentence": expected a document with sentence boundaries, found none; add '
            'nlp.add_pipe("sentencizer"), or a parser or senter, and process the text again'
        )
