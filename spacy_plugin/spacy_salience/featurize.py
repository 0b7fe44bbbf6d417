"""From Docs to table rows, by the hash of each token's NORM."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import NORM
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.vocab import Vocab

from salience.types import Ints, Ragged, starts_of
from salience.vocab import Vocabulary

CACHED = 16384
"""Unknown words whose rows are remembered; when full, the memory starts afresh."""


class Featurizer:
    """Look up the rows of every token of many Docs.

    Keyed by spaCy's 64-bit string hashes, so nothing of a Doc or its
    StringStore is held on to.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        hashes = np.array([get_string_id(word) for word in vocabulary.words], dtype=np.uint64)
        order = np.argsort(hashes)
        # A last entry that no hash exceeds, so that searchsorted never runs off the end.
        self._hashes = np.append(hashes[order], np.uint64(2**64 - 1))
        self._rows = np.append(order + 1, 0)
        self._unknown: dict[int, Ints] = {}

    def __call__(self, docs: Sequence[Doc]) -> tuple[Ragged, Ints]:
        """Return each token's rows, and where each Doc's tokens begin [B + 1]."""
        starts = starts_of([len(doc) for doc in docs])
        norms = np.zeros(starts[-1], dtype=np.uint64)
        for doc, first, last in zip(docs, starts[:-1], starts[1:], strict=True):
            if first < last:
                norms[first:last] = doc.to_array([NORM])

        def vocab_of(token: int) -> Vocab:
            return docs[int(np.searchsorted(starts, token, side="right")) - 1].vocab

        return self.bags(norms, vocab_of), starts

    def bags(self, norms: NDArray[np.uint64], vocab_of: Callable[[int], Vocab]) -> Ragged:
        """Return the rows of tokens by their NORM [N]; vocab_of(token) knows its string."""
        places = np.searchsorted(self._hashes, norms)
        unknown = np.flatnonzero(self._hashes[places] != norms)
        if not len(unknown):
            return Ragged(self._rows[places], np.arange(len(norms) + 1))
        bags = [self._bag(int(norms[t]), vocab_of(int(t))) for t in unknown]
        return _merge(self._rows[places], unknown, bags)

    def _bag(self, norm: int, vocab: Vocab) -> Ints:
        bag = self._unknown.get(norm)
        if bag is None:
            if len(self._unknown) >= CACHED:
                self._unknown.clear()
            bag = self._unknown[norm] = self._vocabulary.bag(vocab.strings[norm])
        return bag


def _merge(rows: Ints, unknown: Ints, bags: Sequence[Ints]) -> Ragged:
    """One row for each known token, a bag in place of each unknown one."""
    sizes = np.ones(len(rows), dtype=np.int64)
    sizes[unknown] = [len(bag) for bag in bags]
    starts = starts_of(sizes)
    ids = np.empty(starts[-1], dtype=np.int64)
    known = np.ones(len(rows), dtype=bool)
    known[unknown] = False
    ids[starts[:-1][known]] = rows[known]
    ids[np.repeat(~known, sizes)] = np.concatenate(bags)
    return Ragged(ids, starts)
