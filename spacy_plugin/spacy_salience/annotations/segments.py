"""Words of Chinese texts whose tokens are single characters, by jieba where it is installed."""

import logging
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import accumulate, pairwise
from typing import Any

from spacy.tokens import Doc, Span, Token

from salience.model.forms import is_compound

LANGUAGE = "zh"

UNIVERSAL = {"n": "NOUN", "vn": "NOUN", "eng": "NOUN", "a": "ADJ", "b": "ADJ"}
"""Universal tags by jieba's; one of its letters stands for all that begin with it."""


def words_in(tokens: Doc | Span | Sequence[Token]) -> list[tuple[int, int]]:
    """Return the tokens [first, last) of each word: several where each is a character.

    Every token is a word of its own where the text is not Chinese, no two characters are
    next to each other, or jieba is not installed.
    """
    jieba = _jieba() if _has_characters(tokens) else None
    if jieba is None:
        return [(number, number + 1) for number in range(len(tokens))]
    return _divided(tokens, jieba.cut(_text(tokens)))


def in_words(item: Doc | Span, weights: Sequence[float]) -> tuple[Doc | Span, list[float]]:
    """Return a text by its words, and their weights: the sums of those of their tokens.

    It is the item itself where every token is a word as words_in says, else a Doc of words
    with their tags.
    """
    jieba = _jieba() if _has_characters(item) else None
    if jieba is None:
        return item, list(weights)
    from jieba import posseg

    tagged = [tuple(pair) for pair in posseg.cut(_text(item))]
    words = _divided(item, [word for word, _ in tagged])
    begins = accumulate((len(word) for word, _ in tagged), initial=0)
    tags = {begin: flag for begin, (_, flag) in zip(begins, tagged, strict=False)}
    pieces = [item[first:last] for first, last in words]
    offset = item[0].idx
    doc = Doc(
        item.vocab, words=[each.text for each in pieces],
        spaces=[bool(each[-1].whitespace_) for each in pieces],
        pos=[_universal(tags.get(each[0].idx - offset, "")) for each in pieces],
    )  # fmt: skip
    return doc, [sum(weights[first:last]) for first, last in words]


def _has_characters(tokens: Doc | Span | Sequence[Token]) -> bool:
    """Whether a text is Chinese, and two tokens next to each other are a character each."""
    return bool(len(tokens)) and tokens[0].lang_ == LANGUAGE and any(
        len(one) == len(other) == 1 and is_compound(one.text + other.text)
        for one, other in pairwise(tokens)
    )  # fmt: skip


def _text(tokens: Doc | Span | Sequence[Token]) -> str:
    return "".join(token.text_with_ws for token in tokens)


def _divided(
    tokens: Doc | Span | Sequence[Token], words: Sequence[str]
) -> list[tuple[int, int]]:  # fmt: skip
    """The tokens of each word; a token that has several is one word."""
    begins = set(accumulate(map(len, words), initial=0))
    places = accumulate((len(token.text_with_ws) for token in tokens), initial=0)
    firsts = [number for number, place in enumerate(places) if place in begins]
    return list(pairwise(dict.fromkeys([*firsts, len(tokens)])))


def _universal(flag: str) -> str:
    return UNIVERSAL.get(flag) or UNIVERSAL.get(flag[:1], "X")


def _jieba() -> Any:
    """The package, with its dictionary; None where it is not installed."""
    if find_spec("jieba") is None:
        return None
    import jieba

    if not jieba.dt.initialized:
        before = jieba.default_logger.level
        jieba.setLogLevel(logging.WARNING)  # else it writes to standard error what it loads
        jieba.initialize()
        jieba.setLogLevel(before)
    return jieba
