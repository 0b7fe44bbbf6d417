"""Known words in texts that are read character by character, as those of Chinese are."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..types import Ints, Ragged
from .forms import is_compound
from .units import GOLDEN, Keys
from .vocab import Vocabulary

LONGEST_COMPOUND = 4
"""Characters of a word that is found in texts."""

ROW_BITS = np.uint64(16)
"""Bits of a character's row in the key of a word: four make 64."""

KEY_BITS = 19
"""Bits of a key's hash: half a million numbers for some ten thousand words."""


class Compositions:
    """Adds to each character the longest known word that it is in.

    x_t = (W_e[character] + W_e[word]) / 2, or W_e[character] where it is in no known word

    Of two words of one length the earlier counts. A character's rows do not depend on how
    a tokenizer divides the text. (Ma et al., Simplify the Usage of Lexicon in Chinese NER,
    2020, let characters know the words they may be in.)
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        """Take the known words; those with an unknown character are never found."""
        self._is_character = np.zeros(len(vocabulary), dtype=bool)
        self._words: dict[int, tuple[Keys, Ints, NDArray[np.bool_]]] = {}
        by_length: dict[int, dict[int, int]] = {}
        for word, characters in _compounds(vocabulary):
            self._is_character[characters] = True
            key = 0
            for character in characters:
                key = key << int(ROW_BITS) | character
            row = vocabulary.row(word)
            assert row is not None
            by_length.setdefault(len(word), {})[key] = row
        for length, rows in by_length.items():
            keys = np.array(sorted(rows), dtype=np.uint64)
            found = np.array([rows[key] for key in keys.tolist()], dtype=np.int64)
            may_be = np.zeros(1 << KEY_BITS, dtype=bool)
            may_be[_hashes(keys)] = True
            self._words[length] = keys, found, may_be

    def __call__(self, bags: Ragged, starts: Ints) -> Ragged:
        """Return the rows of each token: its own, and those of words after each character.

        bags: the rows of each token [N]. starts: where each document's tokens begin [B + 1];
        no word is of two documents.
        """
        if not len(bags.data):
            return bags
        found = self._found(bags.data, bags.starts[starts])
        is_found = found > 0
        rows = np.column_stack([bags.data, found])
        kept = np.column_stack([np.ones(len(found), dtype=bool), is_found])
        ends = np.concatenate([[0], np.cumsum(1 + is_found)])
        return Ragged(rows[kept], ends[bags.starts])

    def _found(self, rows: Ints, starts: Ints) -> Ints:
        """The row of the word that each character is in [M]; 0 where it is in none."""
        documents = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        known = self._is_character[rows]
        found = np.zeros(len(rows), dtype=np.int64)
        for length in sorted(self._words, reverse=True):
            keys, words, may_be = self._words[length]
            last = len(rows) - length + 1
            if last <= 0:
                continue
            key = np.zeros(last, dtype=np.uint64)
            fits = documents[:last] == documents[length - 1 :]
            for place in range(length):
                key = key << ROW_BITS | rows[place : place + last].astype(np.uint64)
                fits &= known[place : place + last]
            places = np.flatnonzero(fits & may_be[_hashes(key)])
            at = np.minimum(np.searchsorted(keys, key[places]), len(keys) - 1)
            is_word = keys[at] == key[places]
            first, word = places[is_word], words[at[is_word]]
            for place in reversed(range(length)):  # the earlier of two words first
                free = found[first + place] == 0
                found[first[free] + place] = word[free]
        return found


def _hashes(keys: Keys) -> Keys:
    """Numbers of KEY_BITS bits; most keys of no word have the number of none."""
    return (keys * GOLDEN) >> np.uint64(64 - KEY_BITS)


def _compounds(vocabulary: Vocabulary) -> Iterator[tuple[str, list[int]]]:
    """The words that can be found in texts, and the rows of their characters."""
    for word in vocabulary.words:
        if len(word) <= LONGEST_COMPOUND and is_compound(word):
            rows = [vocabulary.row(character) or 0 for character in word]
            if all(0 < row < 1 << int(ROW_BITS) for row in rows):
                yield word, rows
