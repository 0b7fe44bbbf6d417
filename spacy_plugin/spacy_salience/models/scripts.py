"""The script that a text is written in, by Unicode's names of its letters."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from salience.model.forms import normal_form

FEWEST_LETTERS = 4
"""A text with fewer letters, such as a unit or a symbol, does not show its script."""

LETTERS = {"Han": 4, "Hangul": 2, "Kana": 2}
"""How many letters of an alphabet one character of these scripts counts as: a Chinese text stays
one where it has names in Latin letters."""

SCRIPT_OF = {
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",
    "BOPOMOFO": "Han",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "KATAKANA-HIRAGANA": "Kana",
    "MODIFIER": "",
}
"""Scripts by the first word of a letter's Unicode name, where that is not the script's own name."""

WORDS_READ = 1000
"""Words that show a model's scripts: the first, which are the most frequent. Names and terms in
other scripts come later."""


def script_of(text: str, fewest: int = 1) -> str:
    """Return the script of most of a text's letters, such as "Latin"; "" where they are too few."""
    script, count = max(_letters(text).items(), key=lambda each: each[1], default=("", 0))
    return script if count >= fewest else ""


def scripts_of(words: Iterable[str], least: float = 0.2) -> frozenset[str]:
    """Return the scripts that have at least this share of the words' letters."""
    counts = _letters("".join(words))
    found = {script for script, count in counts.items() if count >= least * counts.total()}
    return frozenset(found | ({"Han"} if "Kana" in found else set()))  # Japanese has both


def _letters(text: str) -> Counter[str]:
    """How many letters of each script a text has."""
    counts: Counter[str] = Counter()
    for letter, count in Counter(filter(str.isalpha, text)).items():
        script = _script(letter)
        if script:
            counts[script] += count * LETTERS.get(script, 1)
    return counts


@cache
def _script(letter: str) -> str:
    """The script of a letter; "" where several scripts share it, or it has no name."""
    first = unicodedata.name(normal_form(letter)[:1] or letter, "").partition(" ")[0]
    return SCRIPT_OF.get(first, first.capitalize())
