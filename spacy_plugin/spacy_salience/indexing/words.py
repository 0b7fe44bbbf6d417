"""Words of passages, scored by BM25: which share of a question's words each passage answers."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from salience.types import Floats, Ints

from ..packages import optional


class Words(NamedTuple):
    """BM25 scores of the words of N passages, of which `passages` have not been removed.

    vocabulary [V] is sorted. Word v is in passages rows[starts[v]:starts[v + 1]], with these
    scores.
    """

    vocabulary: Sequence[str]
    starts: Ints
    rows: Any
    scores: Floats
    passages: int

    def shares(self, words: Iterable[str], rows: int) -> Floats:
        """Return the share of a question's words that each passage answers [rows], 0 to 1.

        share_p = sum_w bm25(w, p) / sum_w idf(w), over the question's words w

        idf(w) = log(1 + (N - n_w + 1/2) / (n_w + 1/2)) is the bound of BM25 of a word that n_w
        of N passages have, as Lucene defines it (Robertson and Zaragoza, The probabilistic
        relevance framework: BM25 and beyond, 2009), so that 1 would be every word very often.
        """
        total, bound = np.zeros(rows, dtype=np.float32), 0.0
        for word in words:
            first, last = self._range(word)
            total[self.rows[first:last]] += self.scores[first:last]
            bound += self.rarity(word)
        return total / np.float32(bound) if bound else total

    def rarity(self, word: str) -> float:
        """Return idf(w)."""
        first, last = self._range(word)
        return float(np.log1p((self.passages - (last - first) + 0.5) / (last - first + 0.5)))

    def _range(self, word: str) -> tuple[int, int]:
        """Where the word's rows and scores begin and end."""
        place = bisect_left(self.vocabulary, word)
        if place == len(self.vocabulary) or self.vocabulary[place] != word:
            return 0, 0
        first, last = self.starts[place : place + 2].tolist()
        return first, last


def scored(passages: Sequence[Any], vocabulary: Sequence[str], rows: Ints) -> Words:
    """Return the BM25 scores of passages, given as the places of their words in a vocabulary.

    Args:
        passages: the places of each passage's words in the vocabulary.
        vocabulary: distinct words, sorted.
        rows: each passage's row among all, removed ones too.

    Raises MissingPackageError without bm25s.
    """
    if not any(map(len, passages)):
        empty = np.zeros(0, np.int32)
        return Words([], np.zeros(1, np.int64), empty, empty.astype(np.float32), len(passages))
    package = optional("bm25s", "an index of texts", "pip install 'salience[search]'")
    index = package.BM25(method="lucene", csc_backend="numpy")
    known = {word: place for place, word in enumerate(vocabulary)}
    given = [each.tolist() for each in passages]
    index.index((given, known), create_empty_token=False, show_progress=False)
    found = index.scores
    return Words(
        vocabulary, np.asarray(found["indptr"], np.int64),
        rows[np.asarray(found["indices"])].astype(np.int32),
        np.asarray(found["data"], np.float32), len(passages),
    )  # fmt: skip


def words_scored(passages: Sequence[Sequence[str]]) -> Words:
    """Return the BM25 scores of passages, given as words; MissingPackageError without bm25s."""
    vocabulary = sorted({word for words in passages for word in words})
    known = {word: place for place, word in enumerate(vocabulary)}
    placed = [np.array([known[word] for word in words], np.int32) for words in passages]
    return scored(placed, vocabulary, np.arange(len(passages)))
