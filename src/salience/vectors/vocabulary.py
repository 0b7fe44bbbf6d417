"""The words that get vectors: the most frequent of a corpus."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import RangeError
from ..training.corpus import Corpus
from ..types import Ints


class Vocabulary(NamedTuple):
    """V words, most frequent first, with counts [V].

    numbers: for each different word of the corpus its place here, or -1. spaced: how many
    words were left out because white space is in them, which files of words cannot hold.
    """

    words: Sequence[str]
    counts: Ints
    numbers: NDArray[np.int32]
    spaced: int


def vocabulary_of(corpus: Corpus, min_count: int, max_words: int) -> Vocabulary:
    """Return the words that occur min_count times or more, at most max_words of them.

    Equally frequent words are in the order they were met. Raises RangeError where less
    than two are left.
    """
    words = corpus.words
    counts = np.fromiter(corpus.counts().values(), np.int64, len(words))
    spaced = np.array([len(word.split()) != 1 or word.split()[0] != word for word in words], bool)
    often = counts >= min_count
    left = np.flatnonzero(often & ~spaced)
    chosen = left[np.argsort(-counts[left], kind="stable")][:max_words]
    if len(chosen) < 2:
        raise RangeError(
            f"vectors: expected at least two words that occur {min_count} times or more, got "
            f"{len(chosen)}; give more texts, or a lower min_count"
        )
    numbers = np.full(len(words), -1, dtype=np.int32)
    numbers[chosen] = np.arange(len(chosen), dtype=np.int32)
    kept_words = [words[place] for place in chosen.tolist()]
    return Vocabulary(kept_words, counts[chosen], numbers, int((often & spaced).sum()))
