"""Words and numbers that a tokenizer of single characters has cut into letters and digits."""

from functools import cache

import numpy as np
from spacy.strings import get_string_id

from salience.model.forms import normal_form
from salience.model.units import Keys
from salience.types import Ints

ALPHABETS = (0x30, 0x0590), (0xFF10, 0xFF5B)
"""Code points of digits, and of letters of words that have spaces between them."""


def join_letters(norms: Keys, spaces: Keys, starts: Ints) -> dict[int, str]:
    """Give neighbouring letters and digits the hash of the word that they spell, in place.

    Letters of one word have no space between them, and each is a token. The encoder then
    reads them as one unit, as it does equal tokens.

    Args:
        norms: the NORM of each token [N].
        spaces: not 0 where a space follows the token [N].
        starts: where each document's tokens begin [B + 1].

    Returns: the words, by their hashes.
    """
    hashes, letters = _letters()
    is_letter = hashes[np.minimum(np.searchsorted(hashes, norms), len(hashes) - 1)] == norms
    follows = np.append(False, is_letter[1:] & is_letter[:-1])
    if not follows.any():
        return {}
    follows[starts[starts < len(norms)]] = False
    follows[1:] &= spaces[:-1] == 0
    edges = np.diff(follows.astype(np.int8), append=0)
    words: dict[int, str] = {}
    for first, last in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        word = "".join(letters[key] for key in norms[first : last + 1].tolist())
        key = get_string_id(word)
        norms[first : last + 1] = key
        words[key] = word
    return words


@cache
def _letters() -> tuple[Keys, dict[int, str]]:
    """The hashes of letters and digits, in their order, and their normal forms by hash."""
    characters = [chr(code) for ends in ALPHABETS for code in range(*ends)]
    forms = {get_string_id(each): normal_form(each) for each in characters}
    letters = {key: form for key, form in forms.items() if len(form) == 1 and form.isalnum()}
    return np.array(sorted(letters), dtype=np.uint64), letters
