"""Tokens in groups: the same word, an entity, a sentence."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Token

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


def tokens_of(item: Annotated) -> list[Token]:
    """Return the tokens of a Doc, a Span or a Token."""
    return [item] if isinstance(item, Token) else list(item)


def groups_of(tokens: Sequence[Token], by: By) -> Groups:
    """Group the tokens of one document that follow each other.

    Each alone ("token"), the same in lower case ("word"), by entity with all
    other tokens alone, or by sentence.

    Raises AnnotationError where sentences are asked for and have no boundaries.
    """
    if by == "word":
        index: dict[str, int] = {}
        places = [index.setdefault(token.lower_, len(index)) for token in tokens]
        return Groups(tuple(index), np.array(places, dtype=np.int64))
    if by == "sentence":
        _check_sentences(tokens)
        begins = np.array([bool(token.is_sent_start) for token in tokens], dtype=bool)
    elif by == "entity":
        begins = np.array([token.ent_iob_ != "I" for token in tokens], dtype=bool)
    else:
        return Groups(tuple(token.text for token in tokens), np.arange(len(tokens)))
    begins[:1] = True  # a Span may begin inside of an entity or a sentence
    bounds = [*np.flatnonzero(begins).tolist(), len(tokens)]
    labels = tuple(text_of(tokens[first:last]) for first, last in pairwise(bounds))
    return Groups(labels, np.cumsum(begins) - 1)


def text_of(tokens: Sequence[Token]) -> str:
    """Return the text of tokens that follow each other."""
    return "".join([token.text_with_ws for token in tokens[:-1]]) + tokens[-1].text


def _check_sentences(tokens: Sequence[Token]) -> None:
    if tokens and not tokens[0].doc.has_annotation("SENT_START"):
        raise AnnotationError(
            'by="sentence": expected a document with sentence boundaries, found none; add '
            'nlp.add_pipe("sentencizer"), or a parser or senter, and process the text again'
        )
