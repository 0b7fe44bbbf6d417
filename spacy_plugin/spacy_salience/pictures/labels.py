"""Texts as labels: one short line, without characters that control a terminal."""

import unicodedata

MOST_LETTERS = 40

OTHER_WORDS = "other words"
"""The label of a group of stop words, punctuation, white space and other signs."""

_SIGNS = {"\n": "\u21b5", "\t": "\u21e5", " ": "\u2423"}
_ACTING = {*range(0x7F, 0xA0), 0x2028, 0x2029, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
"""Control characters, line ends, and characters that change the direction of writing."""


def visible(text: str, most: int = MOST_LETTERS) -> str:
    """Return the text as one line, cut with an ellipsis; invisible characters as signs or codes."""
    text = text[: 5 * most].replace("\r\n", "\n")  # one line end is shown as one sign
    if text.strip():
        line = harmless(" ".join(text[: 4 * most].split()))
    else:
        line = harmless("".join(_SIGNS.get(letter, letter) for letter in text[:most]))
    if line and not columns(line):
        line = " ".join(f"U+{ord(letter):04X}" for letter in line[:4])
    return line if len(line) <= most else line[: most - 1] + "\u2026"


def harmless(text: str, keep: str = "") -> str:
    """Return the text with a visible sign in place of each control character not in `keep`."""
    if text.isprintable():
        return text
    return "".join(letter if letter in keep else _picture(letter) for letter in text)


def columns(text: str) -> int:
    """Return the width of the text in columns of a terminal."""
    return sum(_columns(letter) for letter in text)


def padded(text: str, width: int) -> str:
    """Return the text with spaces after it, to this width in columns of a terminal."""
    return text + " " * (width - columns(text))


def _picture(letter: str) -> str:
    code = ord(letter)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\ufffd" if code in _ACTING else letter


def _columns(letter: str) -> int:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1
