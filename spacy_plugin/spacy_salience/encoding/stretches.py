"""Words of texts by spaCy's tokenizer, each stretch between white space read once."""

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from spacy.language import Language
from spacy.tokenizer import Tokenizer

from salience.model.units import Keys
from salience.types import Ints, starts_of

from .joints import Edges, Joints, joined
from .zones import Zone

MOST_CHARACTERS = 2**21
"""Characters of stretches and words that are remembered; when there are more, all are forgotten."""

_STRETCHES = re.compile(r"(\S+) ?|(\s+)")


class Stretches:
    """The NORMs of texts' tokens, the same as those of the pipeline's Docs.

    They are tokenized in memory zones, so that new words do not stay in the vocab. Threads may
    share it.
    """

    def __init__(self, nlp: Language) -> None:
        """Take a pipeline for which `possible` is True, and which nobody changes any more."""
        self._tokenizer, self._zone = nlp.tokenizer, Zone(nlp)
        self._joints = Joints(nlp.tokenizer)
        self._forget()

    def _forget(self) -> None:
        self._norms: dict[str, list[int]] = {}
        self._edges: dict[str, Edges] = {}
        self._strings: dict[int, str] = {}
        self._size = 0

    def norms(self, texts: Sequence[str]) -> tuple[Keys, Ints]:
        """Return the NORM of each token of B texts [N], and where each text's begin [B + 1].

        Raises UnicodeEncodeError, as spaCy does, where a text has a lone surrogate.
        """
        with self._zone.entered():
            if self._size > MOST_CHARACTERS:
                self._forget()
            found = self._found([stretches_of(text) for text in texts], texts)
        starts = starts_of([len(norms) for norms in found])
        return np.fromiter(chain.from_iterable(found), np.uint64, int(starts[-1])), starts

    def string(self, _: int, norm: int) -> str:
        """Return the string of a NORM of the last texts."""
        return self._strings[norm]

    def _found(self, stretches: Sequence[list[str]], texts: Sequence[str]) -> list[list[int]]:
        """The NORMs of each text."""
        new = set(chain.from_iterable(stretches)).difference(self._norms)
        for each in new:
            self._norms[each] = self._tokenized(each)
            self._edges[each] = self._joints.edges(each)
        found: list[list[int]] = []
        for own, text in zip(stretches, texts, strict=True):
            if joined([self._edges[each] for each in own]):
                found.append(self._tokenized(text))
            else:
                found.append(list(chain.from_iterable([self._norms[each] for each in own])))
        return found

    def _tokenized(self, text: str) -> list[int]:
        doc = self._tokenizer(text)
        for token in doc:
            if token.norm not in self._strings:
                self._strings[token.norm] = token.norm_
                self._size += len(token.norm_)
        self._size += len(text)
        return [token.norm for token in doc]


def possible(nlp: Language) -> bool:
    """Say whether the pipeline's tokenizer is spaCy's own, which reads each stretch by itself."""
    return type(nlp.tokenizer) is Tokenizer


def stretches_of(text: str) -> list[str]:
    """Return what spaCy's tokenizer divides a text into before anything else.

    These are the stretches between white space, and white space but for one space after each.
    """
    words = text.split()
    if " ".join(words) == text:
        return words
    return [word or space for word, space in _STRETCHES.findall(text)]
