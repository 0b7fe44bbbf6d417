"""How a word is read: one form of what is the same word in other code points."""

import unicodedata

_APOSTROPHES = "\u2018\u2019\u201b\u02bb\u02bc\u02b9\u2032\u00b4\u0060\uff07"
_HYPHENS = "\u2010\u2011\u2212\ufe63\uff0d"
_SAME = str.maketrans(dict.fromkeys(_APOSTROPHES, "'") | dict.fromkeys(_HYPHENS, "-"))

_BLANK = ("Cc", "Cf", "Cs", "Zl", "Zp", "Zs")
"""Categories that nothing can be seen of; unassigned (Cn) differs between versions of Python."""


def normal_form(word: str) -> str:
    """Return the form that all spellings of a word in other code points share.

    One apostrophe and one hyphen, no format characters (soft hyphens, joiners,
    byte order marks), variation selectors or skin tones, then NFKC (Unicode
    Standard Annex 15) in lower case: "Zu\u0308rich", "o\ufb03ce", "don\u00b4t".
    A word of format characters alone has the form "".
    """
    if word.isascii():
        return word.lower().replace("`", "'")
    shown = "".join(filter(_is_shown, word.translate(_SAME)))
    lower = unicodedata.normalize("NFKC", shown).lower()
    return unicodedata.normalize("NFKC", lower)


def is_blank(word: str) -> bool:
    """Say whether a word has nothing to show: spaces, controls, formats, surrogates."""
    return all(unicodedata.category(character) in _BLANK for character in word)


def is_sign(word: str) -> bool:
    """Say whether a word has no letter and no digit: punctuation, rulers, arrows, emoji."""
    return not any(map(str.isalnum, word))


def _is_shown(character: str) -> bool:
    """Whether a character is more than a remark on how its neighbours look."""
    changes_look = (
        "\ufe00" <= character <= "\ufe0f"  # variation selectors
        or "\U000e0100" <= character <= "\U000e01ef"
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
    )
    return not changes_look and unicodedata.category(character) != "Cf"
