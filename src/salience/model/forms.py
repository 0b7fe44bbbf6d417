"""The forms by which words are read: one for all spellings of a word in other code points."""

import re
import unicodedata

_APOSTROPHES = "\u2018\u2019\u201b\u02bb\u02bc\u02b9\u2032\u00b4\u0060\uff07"
_HYPHENS = "\u2010\u2011\u2212\ufe63\uff0d"
_MARKS = "\u2122\u2120"
_SYMBOLS = f"{_MARKS}\u2116"
"""Symbols that stay signs, though NFKC makes letters of them."""
_SAME = str.maketrans(
    dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-") | dict.fromkeys(_MARKS)
)
"""To one apostrophe and one hyphen; trademark signs go, of which NFKC makes letters."""

_INVISIBLE = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
"""Invisible categories; without unassigned (Cn), which differs between versions of Python."""

_KEYCAP = re.compile("[0-9#*]\ufe0f?\u20e3")

_UNSPACED = re.compile(
    "([\u3005-\u3007\u3041-\u309f\u30a1-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff])"
)
"""A character of Han script, Hiragana or Katakana."""

_FILLERS = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Invisible characters of other categories."""


def written_form(word: str) -> str:
    """Return one form for all spellings of a word in other code points; capitals stay.

    One apostrophe and one hyphen, no format characters (soft hyphens, joiners,
    byte order marks), variation selectors or skin tones, then NFKC (Unicode
    Standard Annex 15).
    """
    if word.isascii():
        return word.replace("`", "'")
    if _is_symbol(word):
        return word  # "\u2122" is a sign, and not the letters of its compatible form
    shown = "".join(filter(_is_shown, word.translate(_SAME)))
    return unicodedata.normalize("NFKC", shown)


def normal_form(word: str) -> str:
    """Return the written form of a word in lower case.

    "Zu\u0308rich", "o\ufb03ce" and "don\u00b4t" have the forms "z\u00fcrich", "office" and
    "don't"; a word of format characters alone has the form "".
    """
    lower = written_form(word).lower()
    if lower.isascii() or _is_symbol(lower):
        return lower
    return unicodedata.normalize("NFKC", lower)


def is_blank(word: str) -> bool:
    """Say whether all of a word is invisible: spaces, controls, formats, surrogates."""
    return all(unicodedata.category(each) in _INVISIBLE or each in _FILLERS for each in word)


def is_sign(word: str) -> bool:
    """Say whether a word has no letter and no digit: punctuation, rulers, arrows, emoji.

    The digit on a keycap is part of an emoji.
    """
    return not any(map(str.isalnum, _KEYCAP.sub("", word)))


def split_at_signs(word: str) -> list[str]:
    """Return the parts of a word between its signs; accents and apostrophes stay inside them.

    "/>hello" has the part "hello", "read/write" the parts "read" and "write".
    """
    letters = _KEYCAP.sub(" ", word)
    kept = "".join(c if c == "'" or _is_letter(c) else " " for c in letters)
    return [part for part in (each.strip("'") for each in kept.split()) if not is_sign(part)]


def divided(word: str) -> list[str]:
    """Return a word's characters of scripts without spaces, and what is between them.

    Scripts without spaces between words are those of Chinese and Japanese.
    """
    return [part for part in _UNSPACED.split(word) if part]


def is_compound(word: str) -> bool:
    """Say whether a word is of several characters, all of scripts without spaces."""
    return len(word) > 1 and all(map(_UNSPACED.fullmatch, word))


def _is_symbol(word: str) -> bool:
    """Whether this is one symbol that does not stand for letters: it is read as it is."""
    if len(word) != 1 or word in _FILLERS or unicodedata.category(word) != "So":
        return False
    return word in _SYMBOLS or not unicodedata.normalize("NFKC", word).isalnum()


def _is_letter(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _is_shown(character: str) -> bool:
    """Whether a character is visible, and does not just change how its neighbours look."""
    changes_look = (
        "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U000e0100" <= character <= "\U000e01ef"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or character in _FILLERS
    )
    return not changes_look and unicodedata.category(character) != "Cf"
