"""Token vectors of sentences that are given as words: each distinct sentence is encoded once."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from tqdm import tqdm

from salience import checks
from salience.types import Floats

from ..pictures.labels import harmless

Words: TypeAlias = tuple[str, ...]
"""A sentence as its words, none of them empty."""

EncodeWords: TypeAlias = Callable[[Sequence[Words]], Any]
"""Sentences to the vectors of all their words, end to end [N, D]."""

SENTENCES_AT_ONCE = 512
"""Sentences that a model is given at once."""

CONTEXTUAL = ""
"""The kind of vectors whose figures have no kind in their names."""


class TokenVectors:
    """The token vectors of many sentences, by the sentences."""

    def __init__(self, encode: EncodeWords, sentences: Iterable[Words], name: str) -> None:
        """Encode the distinct sentences in batches, in their order.

        Raises ShapeError, DtypeError or RangeError where encode does not return
        one finite vector a word, all of one width.
        """
        distinct = list(dict.fromkeys(sentences))
        self._of: dict[Words, Floats] = {}
        with tqdm(total=len(distinct), desc=harmless(name), unit=" sentences", disable=None) as bar:
            for first in range(0, len(distinct), SENTENCES_AT_ONCE):
                batch = distinct[first : first + SENTENCES_AT_ONCE]
                ends = np.cumsum([0, *map(len, batch)])
                found = checks.floats(name, "token vectors", encode(batch), (int(ends[-1]), "D"))
                checks.finite(name, "token vectors", found)
                for sentence, (begin, end) in zip(batch, pairwise(ends), strict=True):
                    self._of[sentence] = found[begin:end]
                bar.update(len(batch))

    def __call__(self, sentence: Words) -> Floats:
        """Return the vectors of a sentence's words [T, D]."""
        return self._of[sentence]

    def end_to_end(self, sentences: Sequence[Words]) -> Floats:
        """Return the vectors of the words of sentences, end to end [N, D]."""
        return np.concatenate([self._of[sentence] for sentence in sentences])


def of_each_kind(
    score: Callable[[TokenVectors], dict[str, float]], kinds: Mapping[str, TokenVectors]
) -> dict[str, float]:
    """Return the figures of every kind of vectors that a model has, the contextual ones first."""
    found: dict[str, float] = {}
    for kind, vectors in kinds.items():
        scores = score(vectors)
        found |= {f"{name}, {kind}" if kind else name: value for name, value in scores.items()}
    return found
