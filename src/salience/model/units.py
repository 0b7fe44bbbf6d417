"""The units of a text that an encoder reads: blanks are left out, repeated signs are read once."""

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..ragged import select
from ..types import Floats, Ints, Ragged, starts_of
from .forms import is_blank, is_sign, normal_form

WORD, SIGN, FLAG, BLANK, JOINER = range(5)
"""Kinds of tokens: a letter of a flag is a sign, and a joiner is blank."""

Kinds: TypeAlias = NDArray[np.int8]
Keys: TypeAlias = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
"""An odd number whose multiples are far apart (Knuth, The Art of Computer Programming, 6.4)."""


class Units(NamedTuple):
    """The M units that an encoder reads in place of N tokens.

    bags: the rows of each unit. starts: where each document's units begin [B + 1].
    tokens: where its tokens begin [B + 1].
    places: the unit of each token [N], counted over all documents; -1 for a blank.
    shares: 1 / the number of its unit's tokens [N]; 0 for a blank.
    """

    bags: Ragged
    starts: Ints
    tokens: Ints
    places: Ints
    shares: Floats


def kind_of(word: str) -> int:
    """Return the kind of a token, by its text."""
    form = normal_form(word)
    if is_blank(form):
        return JOINER if "\u200d" in word else BLANK
    if not is_sign(form):
        return WORD
    is_letter_of_flag = len(form) == 1 and "\U0001f1e6" <= form <= "\U0001f1ff"
    return FLAG if is_letter_of_flag else SIGN


def units_of(bags: Ragged, kinds: Kinds, keys: Keys, starts: Ints) -> Units | None:
    """Return the units of tokens, or None where every token is a unit.

    Blanks are left out. Equal tokens in a row are one unit, and so are equal signs
    among signs that follow each other, as in "=-=-=". Signs with a joiner between
    them, and the two letters of a flag, are one unit too.

    Args:
        bags: the rows of each token [N]. kinds: of each token [N].
        keys: equal numbers for equal tokens [N].
        starts: where each document's tokens begin [B + 1].
    """
    seen = np.flatnonzero(kinds < BLANK)
    documents = np.repeat(np.arange(len(starts) - 1), np.diff(starts))[seen]
    together = documents[1:] == documents[:-1]
    again = together & (keys[seen][1:] == keys[seen][:-1])
    signs = kinds[seen] != WORD
    has_sequences = bool(((kinds == FLAG) | (kinds == JOINER)).any())
    stretches = list(_stretches(together & signs[1:] & signs[:-1], has_sequences))
    if len(seen) == len(kinds) and not stretches and not again.any():
        return None
    owners = np.arange(len(seen))
    owners[1:][again] = 0
    owners = np.maximum.accumulate(owners)  # of equal tokens in a row the first
    parts = np.zeros(len(seen), dtype=bool)
    for first, last in stretches:
        known: dict[tuple[int, ...], int] = {}
        for sequence in _sequences(kinds, seen, first, last):
            key = tuple(keys[seen[sequence]].tolist())
            owner = known.setdefault(key, sequence[0])
            owners[sequence] = owner
            parts[sequence[1:]] = owner == sequence[0]
    return _numbered(bags, starts, seen, documents[owners == np.arange(len(seen))], owners, parts)


def _stretches(follows: NDArray[np.bool_], short: bool) -> Iterator[tuple[int, int]]:
    """Yield [first, last) of three or more signs that follow each other.

    Of two as well where `short`: these may be one emoji.
    """
    edges = np.diff(follows.astype(np.int8), prepend=0, append=0)
    for first, last in zip(np.flatnonzero(edges > 0), np.flatnonzero(edges < 0), strict=True):
        if short or last - first >= 2:
            yield int(first), int(last) + 1


def _sequences(kinds: Kinds, seen: Ints, first: int, last: int) -> Iterator[list[int]]:
    """Divide signs that follow each other into single ones and emoji of several."""
    sequence = [first]
    for place in range(first + 1, last):
        token, before = seen[place], seen[place - 1]
        joined = kinds[token - 1] == JOINER
        flag = kinds[token] == kinds[before] == FLAG and token == before + 1 and len(sequence) == 1
        if joined or flag:
            sequence.append(place)
        else:
            yield sequence
            sequence = [place]
    yield sequence


def _numbered(
    bags: Ragged, tokens: Ints, seen: Ints, documents: Ints, owners: Ints, parts: NDArray[np.bool_]
) -> Units:
    """Number the units; the bag of each is those of its first token and its sequence's parts."""
    own = owners == np.arange(len(seen))
    numbers = (np.cumsum(own) - 1)[owners]
    named = np.flatnonzero(own | parts)
    rows, row_starts = select(bags, seen[named])
    sizes = np.zeros(len(documents), dtype=np.int64)
    np.add.at(sizes, numbers[named], np.diff(row_starts))
    places = np.full(int(tokens[-1]), -1, dtype=np.int64)
    places[seen] = numbers
    shares = np.zeros(len(places), dtype=np.float32)
    shares[seen] = 1 / np.bincount(numbers)[numbers] if len(seen) else 0
    starts = starts_of(np.bincount(documents, minlength=len(tokens) - 1))
    return Units(Ragged(rows, starts_of(sizes)), starts, tokens, places, shares)
