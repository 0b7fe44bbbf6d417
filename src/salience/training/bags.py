"""The table rows of a corpus' words, as an encoder reads them."""

from collections.abc import Iterable

import numpy as np

from ..layers.encoder import Lookup
from ..model.compositions import Compositions
from ..model.vocab import Vocabulary
from ..ragged import select
from ..types import Ints, Ragged, Tokens, starts_of
from .corpus import Corpus


class Bags:
    """The rows of each word of a corpus, and of words that are found in its texts."""

    def __init__(self, vocabulary: Vocabulary, words: Iterable[str]) -> None:
        bags = [vocabulary.bag(word) for word in words]
        rows = np.concatenate([np.zeros(0, np.int64), *bags])
        self.of_words = Ragged(rows, starts_of([len(bag) for bag in bags]))
        composed = vocabulary.reading == "composed"
        self._compositions = Compositions(vocabulary) if composed else None

    def look_up(self, corpus: Corpus, numbers: Ints, longest: int) -> tuple[Lookup, Ints]:
        """Return these texts as a student takes them, and their words' places in the corpus.

        longest: words that are taken of a text.
        """
        words, places = corpus.sentences(numbers, longest)
        if self._compositions is not None:
            bags = self._compositions(select(self.of_words, words.data), words.starts)
            return Lookup(Tokens(bags), np.arange(len(words.data)), words.starts), places
        different, inverse = np.unique(words.data, return_inverse=True)
        tokens = Tokens(select(self.of_words, different))
        return Lookup(tokens, inverse, words.starts), places
