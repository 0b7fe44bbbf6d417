"""The script that a text is written in, by Unicode's names of its letters."""

import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from salience.model.forms import normal_form

FEWEST_LETTERS = 4
"""Letters without which a text does not say its script: a unit or a symbol has fewer."""

LETTERS = {"Han": 4, "Hangul": 2, "Kana": 2}
"""Letters of an alphabet that a character of these says as much as: names in Latin letters
do not make a Chinese text a Latin one."""

SCRIPT_OF = {
    "CJK": "Han",
    "IDEOGRAPHIC": "Han",
    "BOPOMOFO": "Han",
    "HIRAGANA": "Kana",
    "KATAKANA": "Kana",
    "KATAKANA-HIRAGANA": "Kana",
    "MODIFIER": "",
}
"""Scripts that are written together, by the first words of their letters' names."""

WORDS_READ = 1000
"""Words of a model that its scripts are read off: the most frequent ones, which come first.
Names and terms of other scripts come later."""


def script_of(text: str, fewest: int = 1) -> str:
    """Return the script of most of a text's letters, such as "Latin"; "" of too few letters."""
    script, count = max(_letters(text).items(), key=lambda each: each[1], default=("", 0))
    return script if count >= fewest else ""


def scripts_of(words: Iterable[str], least: float = 0.2) -> frozenset[str]:
    """Return the scripts of words: those of at least this share of their letters."""
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
    """The script of a letter; "" of one that several share, or that has no name."""
    first = unicodedata.name(normal_form(letter)[:1] or letter, "").partition(" ")[0]
    return SCRIPT_OF.get(first, first.capitalize())
