"""Tokens in groups: the same word, an entity, a sentence."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from spacy.tokens import Doc, Span, Token

from salience.errors import AnnotationError
from salience.model.forms import is_blank, is_sign, normal_form
from salience.types import Ints

from ..annotations.segments import words_in
from ..annotations.similarity import Annotated
from ..pictures.labels import OTHER_WORDS

By: TypeAlias = Literal["token", "word", "entity", "sentence"]
KINDS: tuple[By, ...] = ("token", "word", "entity", "sentence")

NUMBERS_AT_ONCE = 2**20
"""Numbers that are converted to float64 at once."""


class Groups(NamedTuple):
    """T tokens in G groups: each group's label, and in `places` each token's group [T].

    others says whether the last group is OTHER_WORDS; its label alone does not say so,
    as a token may have the same text.
    """

    labels: tuple[str, ...]
    places: Ints
    others: bool = False

    def sums(self, weights: Any, rows: Any) -> NDArray[np.float64]:
        """Return sum_t w_t r_t over each group [G, D], in float64."""
        total = np.zeros((len(self.labels), rows.shape[1]))
        step = max(1, NUMBERS_AT_ONCE // max(1, rows.shape[1]))
        for first in range(0, len(rows), step):
            now = slice(first, first + step)
            order = np.argsort(self.places[now], kind="stable")
            places = self.places[now][order]
            begins = np.flatnonzero(np.diff(places, prepend=-1))
            terms = np.multiply(weights[now, None], rows[now], dtype=np.float64)[order]
            total[places[begins]] += np.add.reduceat(terms, begins, axis=0)
        return total


def tokens_of(item: Annotated) -> list[Token]:
    """Return the tokens of a Doc, a Span or a Token."""
    return [item] if isinstance(item, Token) else list(item)


def groups_of(tokens: Sequence[Token], by: By) -> Groups:
    """Group consecutive tokens of one document.

    A group is a token; a word, with all places that have its normal form; an entity,
    or a token outside of entities; or a sentence. By word and by entity, the last group
    is all tokens that are no content words (see `words_of`).

    Raises AnnotationError where by is "sentence" and the document has no boundaries.
    """
    if by == "word":
        return _by_key(words_of(tokens), str)
    if by == "entity":
        return _by_entity(tokens)
    if by == "sentence":
        _check_sentences(tokens)
        labels, places = _sequences(tokens, [bool(token.is_sent_start) for token in tokens])
        return Groups(tuple(labels), places)
    return Groups(tuple(token.text for token in tokens), np.arange(len(tokens)))


def words_of(tokens: Doc | Span | Sequence[Token]) -> list[str | None]:
    """Return the normal form of each token that is a content word, and None for all others.

    Others are stop words (also where only the normal form or token.norm_ is
    one, such as "n't"), punctuation, white space, and tokens with no letter and no digit.
    Characters of one Chinese word have that of the word (see words_in).
    """
    known: dict[tuple[int, int], str | None] = {}
    for token in tokens:
        if (token.orth, token.norm) not in known:
            known[token.orth, token.norm] = _content_word(token)
    found = [known[token.orth, token.norm] for token in tokens]
    for first, last in words_in(tokens):
        if last - first > 1:
            form = normal_form("".join(token.text for token in tokens[first:last]))
            is_stop = tokens[first].vocab[form].is_stop
            found[first:last] = [None if is_stop or is_sign(form) else form] * (last - first)
    return found


def _content_word(token: Token) -> str | None:
    if token.is_stop or token.is_punct or token.is_space or is_sign(token.text):
        return None
    form = normal_form(token.text)
    if is_blank(form):
        return None
    # By the vocabulary's flags, not the language's list, as users may change the flags.
    is_stop = any(token.vocab[text].is_stop for text in (form, token.norm_))
    return None if is_stop else form


def _by_entity(tokens: Sequence[Token]) -> Groups:
    labels, places = _sequences(tokens, [token.ent_iob_ != "I" for token in tokens])
    keys = [
        place if word is not None or token.ent_iob_ in ("B", "I") else None
        for token, word, place in zip(tokens, words_of(tokens), places.tolist(), strict=True)
    ]
    return _by_key(keys, labels.__getitem__)


def _by_key(keys: Sequence[Any], label: Callable[[Any], str]) -> Groups:
    """Group tokens by key, in the order of the keys' first places; those of None are the last."""
    index: dict[Any, int] = {}
    for key in keys:
        if key is not None:
            index.setdefault(key, len(index))
    places = np.array([index.get(key, len(index)) for key in keys], dtype=np.int64)
    labels, others = tuple(map(label, index)), None in keys
    return Groups((*labels, OTHER_WORDS) if others else labels, places, others)


def _sequences(tokens: Sequence[Token], begins: Sequence[bool]) -> tuple[list[str], Ints]:
    """The texts of the sequences of tokens that begin where begins is True, and each token's."""
    starts = np.array(begins, dtype=bool)
    starts[:1] = True  # a Span may begin inside an entity or a sentence
    bounds = [*np.flatnonzero(starts).tolist(), len(tokens)]
    labels = [text_of(tokens[first:last]) for first, last in pairwise(bounds)]
    return labels, np.cumsum(starts) - 1


def text_of(tokens: Sequence[Token]) -> str:
    """Return the text of consecutive tokens."""
    return "".join([token.text_with_ws for token in tokens[:-1]]) + tokens[-1].text


def _check_sentences(tokens: Sequence[Token]) -> None:
    if tokens and not tokens[0].doc.has_annotation("SENT_START"):
        raise AnnotationError(
            'by="sentence": expected a document with sentence boundaries, found none; add '
            'nlp.add_pipe("sentencizer"), or a parser or senter, and process the text again'
        )
