"""Tokens in groups: the same word, an entity, a sentence."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Token

from salience.errors import AnnotationError
from salience.model.forms import is_blank, is_sign, normal_form
from salience.types import Ints

from ..annotations.similarity import Annotated
from ..pictures.labels import OTHER_WORDS

By: TypeAlias = Literal["token", "word", "entity", "sentence"]
KINDS: tuple[By, ...] = ("token", "word", "entity", "sentence")

NUMBERS_AT_ONCE = 2**20
"""Numbers that are in float64 at once."""


class Groups(NamedTuple):
    """T tokens in G groups: each group's label, and each token's group [T].

    others says whether the last group is that of OTHER_WORDS. A label does not
    say so: a token may have the same text.
    """

    labels: tuple[str, ...]
    places: Ints
    others: bool = False

    def sums(self, weights: Any, rows: Any) -> NDArray[np.float64]:
        """Return sum_t w_t r_t over each group [G, D], in float64."""
        total = np.zeros((len(self.labels), rows.shape[1]))
        step = max(1, NUMBERS_AT_ONCE // max(1, rows.shape[1]))
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

    Each alone ("token"); the same word in its normal form ("word"); by entity,
    with all other tokens alone; or by sentence. Of words and entities, what
    `words_of` takes for other words is one group, the last.

    Raises AnnotationError where sentences are asked for and have no boundaries.
    """
    if by == "word":
        return _by_key(words_of(tokens), str)
    if by == "entity":
        return _by_entity(tokens)
    if by == "sentence":
        _check_sentences(tokens)
        labels, places = _runs(tokens, [bool(token.is_sent_start) for token in tokens])
        return Groups(tuple(labels), places)
    return Groups(tuple(token.text for token in tokens), np.arange(len(tokens)))


def words_of(tokens: Sequence[Token]) -> list[str | None]:
    """Return the normal form of each token that is a content word, and None of all others.

    Others are stop words (also where only the normal form or token.norm_ is
    one, as of "n't"), punctuation, white space, and what has no letter or digit.
    """
    known: dict[tuple[int, int], str | None] = {}
    for token in tokens:
        if (token.orth, token.norm) not in known:
            known[token.orth, token.norm] = _content_word(token)
    return [known[token.orth, token.norm] for token in tokens]


def _content_word(token: Token) -> str | None:
    if token.is_stop or token.is_punct or token.is_space or is_sign(token.text):
        return None
    form = normal_form(token.text)
    if is_blank(form):
        return None
    # The vocabulary's flags, and not the language's list: users change them.
    is_stop = any(token.vocab[text].is_stop for text in (form, token.norm_))
    return None if is_stop else form


def _by_entity(tokens: Sequence[Token]) -> Groups:
    labels, runs = _runs(tokens, [token.ent_iob_ != "I" for token in tokens])
    keys = [
        run if word is not None or token.ent_iob_ in ("B", "I") else None
        for token, word, run in zip(tokens, words_of(tokens), runs.tolist(), strict=True)
    ]
    return _by_key(keys, labels.__getitem__)


def _by_key(keys: Sequence[Any], label: Callable[[Any], str]) -> Groups:
    """Group by key, in the order of first places; those of None come last, as other words."""
    index: dict[Any, int] = {}
    for key in keys:
        if key is not None:
            index.setdefault(key, len(index))
    places = np.array([index.get(key, len(index)) for key in keys], dtype=np.int64)
    labels, others = tuple(map(label, index)), None in keys
    return Groups((*labels, OTHER_WORDS) if others else labels, places, others)


def _runs(tokens: Sequence[Token], begins: Sequence[bool]) -> tuple[list[str], Ints]:
    """The texts of the runs of tokens that begin at these places, and each token's run."""
    starts = np.array(begins, dtype=bool)
    starts[:1] = True  # a Span may begin inside of an entity or a sentence
    bounds = [*np.flatnonzero(starts).tolist(), len(tokens)]
    labels = [text_of(tokens[first:last]) for first, last in pairwise(bounds)]
    return labels, np.cumsum(starts) - 1


def text_of(tokens: Sequence[Token]) -> str:
    """Return the text of tokens that follow each other."""
    return "".join([token.text_with_ws for token in tokens[:-1]]) + tokens[-1].text


def _check_sentences(tokens: Sequence[Token]) -> None:
    if tokens and not tokens[0].doc.has_annotation("SENT_START"):
        raise AnnotationError(
            'by="sentence": expected a document with sentence boundaries, found none; add '
            'nlp.add_pipe("sentencizer"), or a parser or senter, and process the text again'
        )
