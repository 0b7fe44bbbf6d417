"""Tokens split into pieces, which do not depend on where a tokenizer splits a text."""

import re
import unicodedata
from functools import lru_cache
from typing import TypeAlias

from spacy.vocab import Vocab

from salience.model.forms import normal_form

from .markup import NOTHING

WORD, NUMBER, STOP, NONE = range(4)
"""The kind of a piece. A word has a letter; a stop word, and NONE of these, separate phrases."""

WITHIN, UNSEEN, HYPHEN, TOUCHING, SPACE, LINE_END, APOSTROPHE, BREAK = range(8)
"""The gap before a piece: none, inside of a word (WITHIN) or between two words (TOUCHING, as in
Chinese, which has no spaces); invisible characters (UNSEEN); a single line end (LINE_END); or
something that separates phrases (BREAK)."""

Piece: TypeAlias = tuple[int, int, int, int, int, int, str]
"""The gap before it, its characters [begin, end) and tokens [first, last), its kind and form."""

TokenPiece: TypeAlias = tuple[int, int, int, str]
"""A piece inside of one token: its characters [begin, end) in the token, its kind and form."""

_PIECE = re.compile(
    r"[^\W_][\w\u00ad]*(?:(?:[-'.&+@]\u00ad*|(?<=\d),(?=\d))[^\W_][\w\u00ad]*)*(?<!_)"
)
"""Letters and digits, with single signs between them; soft hyphens are invisible."""

_NUMERAL = re.compile(r"\d{1,6}(?:,\d{1,3}){0,3}(?:\.\d{1,6})?")
_UNITS = (
    "cm db gb ghz h hr hrs hz kb kg khz km kw l mb mg mhz min mins ml mm ms px s sec tb".split()
)
_QUANTITY = re.compile(rf"\d[\d.,]*(?:{'|'.join(_UNITS)})")
_TIME = re.compile(r"[\d.]*[ap]\.?m")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+|(?:Col|Dr|Gen|Gov|Lt|Mr|Mrs|Ms|Prof|Rev|Sen|St)\.")
"""To these a point belongs, where the tokenizer leaves it in their token."""

_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]|etc|vs")
_TAILS = frozenset("d ll m re s t ve".split())
"""What follows an apostrophe in contractions and possessives."""

_GAPS = {"": WITHIN, "-": HYPHEN, "\u2013": HYPHEN, "'": APOSTROPHE}
_DIVIDES = re.compile(r"[\f\v\u2029]")


@lru_cache(maxsize=2**14)
def pieces_of_token(word: str) -> tuple[TokenPiece, ...]:
    """Return the pieces of a token, without its signs; stop words are WORDs here."""
    if _ABBREVIATION.fullmatch(word) and not word.islower():
        form = normal_form(word)
        return ((0, len(word), NONE if _TIME.fullmatch(form.rstrip(".")) else WORD, form),)
    pieces: list[TokenPiece] = []
    for found in _PIECE.finditer(_plain(word)):
        first, last = found.span()
        form = normal_form(word[first:last])
        if form.endswith("'s"):
            last, form = last - 2, form[:-2]
        if form:
            pieces.append((first, last, kind_of(word[first:last], form), form))
    if len(pieces) > 1 and WORD not in [kind for *_, kind, _ in pieces]:
        return tuple([(first, last, NONE, form) for first, last, _, form in pieces])  # a time
    return tuple(pieces)


def kind_of(word: str, form: str) -> int:
    """Return the kind of a word by itself; `form` is its normal form."""
    if not any(map(str.isalpha, form)):
        return NUMBER if _NUMERAL.fullmatch(form) else NONE
    if form.endswith("'t"):
        return STOP
    if _TIME.fullmatch(form.rstrip(".")) or _INITIALS.fullmatch(word):
        return NONE
    return NUMBER if _QUANTITY.fullmatch(form) else WORD


def is_stop(form: str, vocab: Vocab) -> bool:
    """Say whether a normal form is a stop word, or a contraction of one ("we'll")."""
    head, apostrophe, tail = form.rpartition("'")
    contraction = apostrophe and tail in _TAILS and vocab[head].is_stop
    return bool(contraction or vocab[form].is_stop)


def is_unit(form: str) -> bool:
    """Say whether a normal form is a unit of measure, as it is written after a number."""
    return form in _UNITS


def gap_between(text: str, end: int, begin: int) -> int:
    """Return the gap between a piece of text that ends at `end` and one that begins at `begin`."""
    gap = gap_of(text[end:begin])
    if gap > UNSEEN:
        return gap
    last = end - 1
    while last and not text[last].isalnum():  # accents and invisible characters
        last -= 1
    return gap if has_case(text[last]) and has_case(text[begin]) else TOUCHING


@lru_cache(maxsize=2**10)
def gap_of(between: str) -> int:
    """Return the gap that the text between two pieces of an alphabet is."""
    seen = "".join(c for c in between if unicodedata.category(c) != "Cf")
    if between and not seen:
        return UNSEEN
    if seen.isspace():
        lines = len((seen + ".").splitlines()) - 1
        return BREAK if lines > 1 or _DIVIDES.search(seen) else LINE_END if lines else SPACE
    return _GAPS.get(normal_form(seen), BREAK)


def is_tail(token: str) -> bool:
    """Say whether a token is what a tokenizer splits off the end of a word: "'s", but not "'t"."""
    form = normal_form(token)
    return form[:1] == "'" and form[1:] in _TAILS and form != "'t"


def after_apostrophe(form: str, kind: int) -> tuple[int, int]:
    """Return the gap and the kind of a piece after an apostrophe that is a token of its own."""
    return WITHIN if form == "t" else BREAK, STOP if form in _TAILS else kind


def joined(left: Piece, right: Piece, text: str, vocab: Vocab) -> Piece:
    """Return one piece for two that follow each other."""
    gap, begin, _, first, _, kind_left, _ = left
    between, _, end, _, last, kind_right, _ = right
    form = normal_form(text[begin:end])
    kind = kind_of(text[begin:end], form)
    # spaCy splits contractions inside of a word: "ai" + "n't", "do" + "nt", "i" + "m".
    contraction = between == WITHIN and STOP in (kind_left, kind_right)
    if contraction or (kind == WORD and is_stop(form, vocab)):
        kind = STOP
    return gap, begin, end, first, last, kind, form


def has_case(character: str) -> bool:
    """Say whether a character is a digit or of an alphabet with capitals, which separate words."""
    return character.isdigit() or character.lower() != character.upper()


def _plain(word: str) -> str:
    """Return a word of the same length, with NOTHING for combining and invisible characters."""
    return word if word.isascii() else "".join(map(_plain_character, word))


def _plain_character(character: str) -> str:
    form = normal_form(character)
    if not form or unicodedata.category(character)[0] == "M":
        return NOTHING
    return form if form in ("-", "'") else character
