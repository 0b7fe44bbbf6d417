"""Tokens in pieces: what each is and what lies before it, wherever the tokenizer cut."""

import re
import unicodedata
from functools import lru_cache
from typing import TypeAlias

from spacy.vocab import Vocab

from salience.model.forms import normal_form

from .markup import NOTHING

WORD, NUMBER, STOP, NONE = range(4)
"""What a piece is: a word has a letter; a stop word and what is none of these divide."""

WITHIN, UNSEEN, HYPHEN, TOUCHING, SPACE, LINE_END, APOSTROPHE, BREAK = range(8)
"""What lies before a piece: nothing, of a word (WITHIN) or between two (TOUCHING: Chinese has
no spaces); what nobody sees (UNSEEN); one line's end (LINE_END); what divides (BREAK)."""

Piece: TypeAlias = tuple[int, int, int, int, int, int, str]
"""What lies before it, characters [begin, end), tokens [first, last), kind and form."""

Part: TypeAlias = tuple[int, int, int, str]
"""Of a token: characters [begin, end) of it, kind and form."""

_PART = re.compile(
    r"[^\W_][\w\u00ad]*(?:(?:[-'.&+@]\u00ad*|(?<=\d),(?=\d))[^\W_][\w\u00ad]*)*(?<!_)"
)
"""Letters and digits, and single signs between them; a soft hyphen is what nobody sees."""

_NUMERAL = re.compile(r"\d{1,6}(?:,\d{1,3}){0,3}(?:\.\d{1,6})?")
_UNITS = (
    "cm db gb ghz h hr hrs hz kb kg khz km kw l mb mg mhz min mins ml mm ms px s sec tb".split()
)
_QUANTITY = re.compile(rf"\d[\d.,]*(?:{'|'.join(_UNITS)})")
_TIME = re.compile(r"[\d.]*[ap]\.?m")
_ABBREVIATION = re.compile(r"(?:[^\W\d_]\.)+|(?:Col|Dr|Gen|Gov|Lt|Mr|Mrs|Ms|Prof|Rev|Sen|St)\.")
"""What a point belongs to if the tokenizer says so."""

_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]|etc|vs")
_TAILS = frozenset("d ll m re s t ve".split())
"""What follows an apostrophe in contractions, and in what somebody owns."""

_GAPS = {"": WITHIN, "-": HYPHEN, "\u2013": HYPHEN, "'": APOSTROPHE}
_DIVIDES = re.compile(r"[\f\v\u2029]")


@lru_cache(maxsize=2**14)
def parts_of(word: str) -> tuple[Part, ...]:
    """Return what of a token is no sign, by itself: its stop words are not known here."""
    if _ABBREVIATION.fullmatch(word) and not word.islower():
        form = normal_form(word)
        return ((0, len(word), NONE if _TIME.fullmatch(form.rstrip(".")) else WORD, form),)
    parts: list[Part] = []
    for found in _PART.finditer(_plain(word)):
        first, last = found.span()
        form = normal_form(word[first:last])
        if form.endswith("'s"):
            last, form = last - 2, form[:-2]
        if form:
            parts.append((first, last, kind_of(word[first:last], form), form))
    if len(parts) > 1 and WORD not in [kind for *_, kind, _ in parts]:
        return tuple([(first, last, NONE, form) for first, last, _, form in parts])  # a time
    return tuple(parts)


def kind_of(word: str, form: str) -> int:
    """Return what a word is by itself, of which `form` is the normal form."""
    if not any(map(str.isalpha, form)):
        return NUMBER if _NUMERAL.fullmatch(form) else NONE
    if form.endswith("'t"):
        return STOP
    if _TIME.fullmatch(form.rstrip(".")) or _INITIALS.fullmatch(word):
        return NONE
    return NUMBER if _QUANTITY.fullmatch(form) else WORD


def is_stop(form: str, vocab: Vocab) -> bool:
    """Say whether it is a stop word, or a contraction of one ("we'll")."""
    head, apostrophe, tail = form.rpartition("'")
    contraction = apostrophe and tail in _TAILS and vocab[head].is_stop
    return bool(contraction or vocab[form].is_stop)


def is_unit(form: str) -> bool:
    """Say whether it is a unit of measure as it is written behind a number."""
    return form in _UNITS


def gap_between(text: str, end: int, begin: int) -> int:
    """Return what lies between two pieces of a text, of which one ends and one begins there."""
    gap = gap_of(text[end:begin])
    if gap > UNSEEN:
        return gap
    last = end - 1
    while last and not text[last].isalnum():  # an accent of its own, what nobody sees
        last -= 1
    return gap if has_case(text[last]) and has_case(text[begin]) else TOUCHING


@lru_cache(maxsize=2**10)
def gap_of(between: str) -> int:
    """Return what a text is between two pieces of an alphabet."""
    seen = "".join(c for c in between if unicodedata.category(c) != "Cf")
    if between and not seen:
        return UNSEEN
    if seen.isspace():
        lines = len((seen + ".").splitlines()) - 1
        return BREAK if lines > 1 or _DIVIDES.search(seen) else LINE_END if lines else SPACE
    return _GAPS.get(normal_form(seen), BREAK)


def is_tail(token: str) -> bool:
    """Say whether it is what a tokenizer cuts off behind a word: "'s", but not "'t"."""
    form = normal_form(token)
    return form[:1] == "'" and form[1:] in _TAILS and form != "'t"


def after_apostrophe(form: str, kind: int) -> tuple[int, int]:
    """Return the gap and the kind of a piece behind an apostrophe that the tokenizer cut off."""
    return WITHIN if form == "t" else BREAK, STOP if form in _TAILS else kind


def joined(left: Piece, right: Piece, text: str, vocab: Vocab) -> Piece:
    """Return two pieces that follow each other as one."""
    gap, begin, _, first, _, kind_left, _ = left
    between, _, end, _, last, kind_right, _ = right
    form = normal_form(text[begin:end])
    kind = kind_of(text[begin:end], form)
    # Within a word spaCy cuts contractions: "ai" + "n't", "do" + "nt", "i" + "m".
    contraction = between == WITHIN and STOP in (kind_left, kind_right)
    if contraction or (kind == WORD and is_stop(form, vocab)):
        kind = STOP
    return gap, begin, end, first, last, kind, form


def has_case(character: str) -> bool:
    """Say whether it is of an alphabet with capitals, or a digit: such words have spaces."""
    return character.isdigit() or character.lower() != character.upper()


def _plain(word: str) -> str:
    """Return a word of the same length with NOTHING for marks, formats and looks of letters."""
    return word if word.isascii() else "".join(map(_plain_character, word))


def _plain_character(character: str) -> str:
    form = normal_form(character)
    if not form or unicodedata.category(character)[0] == "M":
        return NOTHING
    return form if form in ("-", "'") else character
