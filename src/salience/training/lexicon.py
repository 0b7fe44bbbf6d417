"""Words of a language without spaces between them, and other spellings of its characters."""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ..errors import RangeError
from ..model.forms import is_compound
from ..model.vocab import Vocabulary

MOST = 0.9
"""The share of known words that may be a lexicon's; characters and others are the rest."""


class Lexicon(NamedTuple):
    """Words that texts are composed of, and how characters are read.

    counts: how often each word occurs in the texts. spellings: characters that are read
    as another, such as those of traditional Chinese as those of simplified.
    """

    counts: Mapping[str, int]
    spellings: Mapping[str, str]


def composed(
    vocabulary: Vocabulary, counts: Mapping[str, int], lexicon: Lexicon, most: int
) -> tuple[Vocabulary, Mapping[str, int]]:
    """Return a vocabulary that reads texts as composed of a lexicon's words, and all counts.

    It has at most so many words: the characters of the lexicon's words, these words, and
    others for which there is room, each the most frequent ones.

    Raises RangeError where the texts' characters are no words of their own.
    """
    known = set(vocabulary.words)
    listed = [word for word in lexicon.counts if known.issuperset(word)]
    if not listed:
        raise RangeError(
            "distil: expected texts whose tokenizer finds the characters that the words of the "
            "lexicon are made of, got words only; use a tokenizer of characters, as spaCy's for zh"
        )
    listed.sort(key=lambda word: (-lexicon.counts[word], word))
    listed = listed[: int(MOST * most)]
    needed = {character for word in listed for character in word}
    others = [word for word in vocabulary.words if not (is_compound(word) or word in needed)]
    kept = needed.union(others[: max(0, most - len(listed) - len(needed))])
    words = [word for word in vocabulary.words if word in kept] + listed
    found = replace(vocabulary, words=words, reading="composed", spellings=lexicon.spellings)
    return found, {**counts, **lexicon.counts}
