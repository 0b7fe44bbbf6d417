"""Words of texts by spaCy's tokenizer, each stretch between white space read once."""

import re
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise
from typing import Any, NamedTuple

import numpy as np
from spacy.attrs import NORM
from spacy.language import Language
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

from salience.model.units import Keys
from salience.types import Ints, starts_of

from .joints import Edges, Joints, joined
from .zones import Zone

MOST_CHARACTERS = 2**21
"""Characters of stretches and words that are remembered; when there are more, all are forgotten."""

_STRETCHES = re.compile(r"(\S+) ?|(\s+)")


class Read(NamedTuple):
    """The NORM of each token of B texts [N], where each text's begin [B + 1], and their strings.

    The strings hold others too, and stay what they are whatever is forgotten later.
    """

    norms: Keys
    starts: Ints
    strings: Mapping[int, str]


class Stretches:
    """The NORMs of texts' tokens, the same as those of the pipeline's Docs.

    They are tokenized in memory zones, so that new words do not stay in the vocab. Threads may
    share it.
    """

    def __init__(self, nlp: Language) -> None:
        """Take a pipeline for which `possible` is True, and which nobody else uses any more.

        Of new words its vocab works out the NORM alone, as the others take longer.
        """
        self._tokenizer, self._zone = nlp.tokenizer, Zone(nlp)
        vocab: Any = nlp.vocab
        vocab.lex_attr_getters = {NORM: vocab.lex_attr_getters[NORM]}
        self._joints = Joints(nlp.tokenizer)
        self._forget()

    def _forget(self) -> None:
        self._norms: dict[str, list[int]] = {}
        self._edges: dict[str, Edges] = {}
        self._strings: dict[int, str] = {}
        self._size = 0

    def read(self, texts: Sequence[str]) -> Read:
        """Return the NORM of each token of B texts.

        Raises UnicodeEncodeError, as spaCy does, where a text has a lone surrogate.
        """
        with self._zone.entered():
            if self._size > MOST_CHARACTERS:
                self._forget()
            found = self._found([stretches_of(text) for text in texts])
            strings = self._strings
        starts = starts_of([len(norms) for norms in found])
        norms = np.fromiter(chain.from_iterable(found), np.uint64, int(starts[-1]))
        return Read(norms, starts, strings)

    def _found(self, stretches: Sequence[list[str]]) -> list[list[int]]:
        """The NORMs of each text."""
        self._learn(
            [each for each in dict.fromkeys(chain.from_iterable(stretches))
             if each not in self._norms]
        )  # fmt: skip
        found: list[list[int]] = []
        for own in stretches:
            edges = list(map(self._edges.__getitem__, own))
            read = self._together(own, edges) if joined(edges) else own
            found.append(list(chain.from_iterable(map(self._norms.__getitem__, read))))
        return found

    def _together(self, stretches: Sequence[str], edges: Sequence[Edges]) -> list[str]:
        """The stretches; those that a special case may lie across are one, with its space."""
        read = [stretches[0]]
        for each, (left, right) in zip(stretches[1:], pairwise(edges), strict=True):
            if left.ends & right.begins:
                read[-1] = f"{read[-1]} {each}"
            else:
                read.append(each)
        for each in read:
            if each not in self._norms:
                self._norms[each] = self._tokenized(each)
        return read

    def _learn(self, new: Sequence[str]) -> None:
        """Tokenize new stretches, as many together as the tokenizer reads as if each were alone."""
        together: list[str] = []
        ends = 0
        for each in new:
            edges = self._edges[each] = self._joints.edges(each)
            if each.isspace():  # beside a space it would become one token with that
                self._norms[each] = self._tokenized(each)
                continue
            if ends & edges.begins:
                self._learn_together(together)
                together = []
            together.append(each)
            ends = edges.ends
        self._learn_together(together)

    def _learn_together(self, stretches: Sequence[str]) -> None:
        doc = self._tokenizer(" ".join(stretches))
        norms = self._norms_of(doc)
        begins = starts_of([len(each) + 1 for each in stretches])
        bounds = np.searchsorted([token.idx for token in doc], begins).tolist()
        for each, (first, last) in zip(stretches, pairwise(bounds), strict=True):
            self._norms[each] = norms[first:last]
        self._size += len(doc.text)

    def _tokenized(self, text: str) -> list[int]:
        self._size += len(text)
        return self._norms_of(self._tokenizer(text))

    def _norms_of(self, doc: Doc) -> list[int]:
        norms: list[int] = doc.to_array(NORM).tolist()
        for norm in set(norms).difference(self._strings):
            self._strings[norm] = doc.vocab.strings[norm]
            self._size += len(self._strings[norm])
        return norms


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
