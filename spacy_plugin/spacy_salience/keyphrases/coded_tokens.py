"""The tokens of a document, each coded by a letter, so that regular expressions find phrases."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from spacy.attrs import IDX, IS_STOP, LENGTH, NORM, ORTH, SPACY
from spacy.tokens import Doc, Span
from spacy.vocab import Vocab

from salience.model.forms import normal_form

from .markup import without_markup
from .pieces import (
    APOSTROPHE,
    BREAK,
    HYPHEN,
    LINE_END,
    NONE,
    NUMBER,
    SPACE,
    STOP,
    WORD,
    Piece,
    after_apostrophe,
    gap_between,
    gap_of,
    has_case,
    is_stop,
    is_tail,
    pieces_of_token,
)

_MARGIN = 50
"""Tokens on either side of a Span that are read with it, as an HTML tag may begin before it."""

_ALPHABET, _NO_CASE, _SIGN, _NUMBER, _HYPHEN, _SPACE, _OTHER = range(0, 28, 4)
_LETTERS = "WwSsuussxxxxnnsshchcllllccSs"
"""Letters of tokens, at a code of above, plus 1 before a space, plus 2 for a stop word.

w and W (with no space after it) are words of an alphabet, u words of a script without
capitals, s and S (likewise) stop words, x signs, n numbers, h hyphens with no space after them,
l spaces and single line ends, and c tokens whose text has to be split: mixtures of letters and
signs.
"""

_BETWEEN = {BREAK: _SIGN, HYPHEN: _HYPHEN, SPACE: _SPACE, LINE_END: _SPACE}
_AMOUNT = set("%\u2030\u00b0$\u20ac\u00a3\u00a5#=+/~")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)")
_NO_PLURAL = ("ics", "is", "ous", "ss", "us")
_NO_ENDING = frozenset(
    "ally anomaly assembly belly bully butterfly costly daily deadly early elderly family friendly "
    "homily hourly jelly lovely melancholy monopoly monthly orderly poly quarterly rally reply "
    "supply ugly weekly yearly bloodshed embed hundred naked sacred watershed wicked atlas bias "
    "canvas christmas gas lens means news perhaps series species".split()
)


class Word(NamedTuple):
    """What is known of a word by its text alone; "state-of-the-art" is one word."""

    text: str
    inside: str
    """Its text before another word of the phrase: "u.s.", which at the end is "u.s"."""
    ending: str
    """What an English word may be by its ending: "d" a participle, "y" an adverb, "s" a plural."""
    number: bool
    leans: bool
    """Whether it belongs to its neighbour whatever its salience: a number, or "Mr."."""
    alone: bool
    """Whether it can be a keyword by itself: no number ("5th") and no letter of an alphabet."""


_NO_WORD = Word("", "", "", False, False, False)
_known: dict[int, tuple[int, Word]] = {}
_MOST_KNOWN = 2**16


class CodedTokens:
    """A document or a span without its markup, token by token.

    Attributes:
        codes: the letter of each token, as _LETTERS says.
        words: the word of each token by itself.
        after: whether a space follows each token.
        shares: for tokens that are not one word, the share of their weight that each word
            in them has: 1/k where a token has k words, 0 for a hyphen.
    """

    def __init__(self, item: Doc | Span) -> None:
        offset, text, self.text = _texts(item)
        self.vocab: Vocab = item.vocab
        to_array: Any = item.to_array  # type: ignore[union-attr]  # a Span has it too
        columns = to_array([IDX, LENGTH, ORTH, NORM, IS_STOP, SPACY]).T.tolist()
        begins, self._lengths, orths, norms, flags, self.after = columns
        self._begins = [begin - offset for begin in begins] if offset else begins
        self._stops = _stops(orths, norms, flags, item.vocab)
        known = _all_known(orths, item.vocab) if self.text == text else self._found()
        self.words = [word for _, word in known]
        codes = zip(known, self._stops, self.after, strict=True)
        self.codes = "".join(
            [_LETTERS[code + 2 * stop + space] for (code, _), stop, space in codes]
        )
        self.shares: dict[int, float] = {}

    def pieces(self, first: int, last: int) -> list[Piece]:
        """Return the pieces of the tokens [first, last), and note their shares."""
        found: list[Piece] = []
        for token in range(first, last):
            at = self._begins[token]
            of_token = pieces_of_token(self.text[at : at + self._lengths[token]])
            if len(of_token) != 1:
                self.shares[token] = 1 / len(of_token) if of_token else 0.0
            flag = len(of_token) == 1 and self._stops[token]
            for begin, end, kind, form in of_token:
                if kind == WORD and (flag or is_stop(form, self.vocab)):
                    kind = STOP
                elif kind == NUMBER and self._has_sign(at + begin, at + end):
                    kind = NONE
                gap = gap_between(self.text, found[-1][2], at + begin) if found else BREAK
                if gap == APOSTROPHE:
                    gap, kind = after_apostrophe(form, kind)
                found.append((gap, at + begin, at + end, token, token + 1, kind, form))
        return found

    def word(self, piece: Piece) -> Word:
        """Return the word that a piece is."""
        return word_of(piece[6], piece[5] == NUMBER, self.text[piece[1]].isupper())

    def word_at(self, first: int, last: int) -> Word:
        """Return the word of the tokens [first, last); several are joined by hyphens."""
        if last - first == 1:
            return self.words[first]
        begin, end = self._begins[first], self._begins[last - 1] + self._lengths[last - 1]
        return word_of(normal_form(self.text[begin:end]), False, self.text[begin].isupper())

    def _has_sign(self, begin: int, end: int) -> bool:
        """Whether a sign next to a number makes it an amount: "$5", "60%"."""
        return bool({self.text[begin - 1 : begin], self.text[end : end + 1]} & _AMOUNT)

    def _found(self) -> list[tuple[int, Word]]:
        places = zip(self._begins, self._lengths, strict=True)
        return [_look_at(self.text[begin : begin + length]) for begin, length in places]


@lru_cache(maxsize=2**14)
def word_of(form: str, is_number: bool, is_capitalised: bool) -> Word:
    """Return the word of a normal form."""
    text = form.rstrip(".")
    alone = not (is_number or _ORDINAL.fullmatch(text)) and (len(text) > 1 or not has_case(text))
    ending = "" if is_capitalised else _ending(text)
    return Word(text, form, ending, is_number, is_number or text != form, alone)


def _ending(text: str) -> str:
    if len(text) < 4 or text in _NO_ENDING:
        return ""
    if len(text) > 4 and text.endswith(("ed", "ly")) and not text.endswith("eed"):
        return text[-1]
    return "s" if text.endswith("s") and not text.endswith(_NO_PLURAL) else ""


def _all_known(orths: Sequence[int], vocab: Vocab) -> list[tuple[int, Word]]:
    """Return the code and the word of each token, remembered by the hash of its text."""
    try:
        return [_known[orth] for orth in orths]
    except KeyError:
        if len(_known) > _MOST_KNOWN:
            _known.clear()
        found = {orth: _known.get(orth) or _look_at(vocab.strings[orth]) for orth in orths}
        _known.update(found)
        return [found[orth] for orth in orths]


def _look_at(token: str) -> tuple[int, Word]:
    """Return the code of a token and its word; _NO_WORD where it is none."""
    pieces = pieces_of_token(token)
    if not pieces:
        return _BETWEEN.get(gap_of(token), _OTHER), _NO_WORD
    begin, end, kind, form = pieces[0]
    if (begin, end, form) != (0, len(token), token.lower()) or "'" in form:
        return (_SIGN if is_tail(token) else _OTHER), _NO_WORD
    if kind != WORD:
        return (_NUMBER if kind == NUMBER else _SIGN), _NO_WORD
    cases = {has_case(token[0]), has_case(token[-1])}
    code = _OTHER if len(cases) > 1 else _ALPHABET if True in cases else _NO_CASE
    return code, word_of(form, False, token[0].isupper())


def _texts(item: Doc | Span) -> tuple[int, str, str]:
    """Return where the text of an item with its margin begins, that text, and it without markup."""
    if isinstance(item, Span):
        item = item.doc[max(0, item.start - _MARGIN) : item.end + _MARGIN]
    text = item.text
    return (item.start_char if isinstance(item, Span) else 0), text, without_markup(text)


def _stops(
    orths: list[int], norms: list[int], flags: list[int], vocab: Vocab
) -> Sequence[int | bool]:
    """Return for each token whether its text or its NORM is a stop word."""
    others = {norm for orth, norm in zip(orths, norms, strict=True) if orth != norm}
    stops = {norm for norm in others if vocab[norm].is_stop}
    if not stops:
        return flags
    return [flag or norm in stops for flag, norm in zip(flags, norms, strict=True)]
