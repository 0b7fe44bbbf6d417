"""Tables that learn from slices of a corpus."""

import numpy as np
from numpy.typing import NDArray

from .. import threads
from ..cpu.simd import LANES
from ..training.corpus import Corpus
from ..types import Ints
from . import kernels
from .draws import aliases, kept
from .kernels import Choices, Scratch, Sentences, Tables
from .ngrams import FLORET_SEED, alone, members_of
from .settings import Settings
from .vocabulary import Vocabulary
from .word_vectors import NgramRows, WordVectors

WORDS_OF_A_SLICE = 10_000
TOKENS_OF_A_SENTENCE = 10_000
"""Tokens of a sentence; a longer one is several, as in gensim."""


class Learner:
    """Word vectors that learn from a corpus, slice by slice.

    What a slice draws depends on the seed, the epoch and the slice alone. On one thread the
    bits depend on that and the order of slices; several threads overwrite each other's
    changes now and then, so that no two trainings with them are the same.
    """

    def __init__(self, corpus: Corpus, vocabulary: Vocabulary, settings: Settings) -> None:
        self.corpus, self.vocabulary, self.settings = corpus, vocabulary, settings
        self._starts = _pieces(corpus.starts, TOKENS_OF_A_SENTENCE)
        self._slices = _slices(self._starts, WORDS_OF_A_SLICE)
        self._choices = Choices(
            vocabulary.numbers,
            kept(vocabulary.counts, settings.sample),
            *aliases(vocabulary.counts.astype(np.float64) ** 0.75),
        )
        self.tables = self._begin()
        ngrams = self.vectors().ngrams
        words = vocabulary.words
        self._members = alone(len(words)) if ngrams is None else members_of(words, ngrams)

    @property
    def slices(self) -> int:
        """Slices of an epoch."""
        return len(self._slices) - 1

    def tokens(self, first: int, last: int) -> int:
        """Return how many tokens the slices from first to last - 1 of an epoch have."""
        begin, end = (int(self._starts[self._slices[each]]) for each in (first, last))
        return end - begin

    def learn(self, epoch: int, first: int, last: int) -> tuple[float, int]:
        """Learn from slices; return the sum of the loss of a step of each sentence, and how many.

        threads.get_num_threads() threads share the slices.
        """
        told = np.zeros((last - first, 3))

        def one(number: int) -> None:
            self._learn(epoch, number, told[number - first])

        threads.run(one, range(first, last))
        return float(told[:, 1].sum()), int(told[:, 2].sum())

    def rate(self, epoch: int, number: int) -> float:
        """Return the rate of a slice: from rate to last_rate, linearly over all tokens."""
        all_tokens = int(self._starts[-1])
        done = epoch + int(self._starts[self._slices[number]]) / max(all_tokens, 1)
        given = self.settings
        return given.rate - (given.rate - given.last_rate) * done / given.epochs

    def vectors(self) -> WordVectors:
        """Return what was learnt; its arrays are the tables, and are not copied."""
        given, rows = self.settings, self.tables.rows
        words, counts = self.vocabulary.words, self.vocabulary.counts
        if given.hashing is None:
            return WordVectors(words, rows, counts, None)
        own = 0 if given.form == "floret" else len(words)
        ngrams = NgramRows(rows[own:], given.shortest, given.longest, given.hashing)
        if given.form == "floret":
            ngrams = ngrams._replace(hashes=given.hashes, seed=FLORET_SEED)
            return WordVectors([], rows[:0], None, ngrams)
        return WordVectors(words, rows[:own], counts, ngrams)

    def _begin(self) -> Tables:
        given, words = self.settings, len(self.vocabulary.words)
        count = {"word2vec": words, "fasttext": words + given.buckets, "floret": given.buckets}
        shape = count[given.form], given.dimensions
        rows = np.random.default_rng(given.seed).random(shape, dtype=np.float32)
        rows -= np.float32(0.5)
        # As word2vec and fastText do.
        rows *= np.float32((1 if given.form == "word2vec" else 2) / given.dimensions)
        return Tables(rows, np.zeros((words, given.dimensions), dtype=np.float32))

    def _learn(self, epoch: int, number: int, told: NDArray[np.float64]) -> None:
        given = self.settings
        first, last = self._slices[number], self._slices[number + 1]
        starts = self._starts[first : last + 1]
        tokens = _read(self.corpus.tokens, int(starts[0]), int(starts[-1]))
        seeds = np.random.SeedSequence([given.seed, epoch, number])
        longest = int(np.diff(starts).max(initial=0))
        scratch = Scratch(
            np.empty(longest, dtype=np.int64),
            np.empty(given.negatives + 1, dtype=np.int64),
            np.zeros(-(-(given.negatives + 1) // LANES) * LANES, dtype=np.float32),
            np.zeros(given.dimensions, dtype=np.float32),
            np.zeros(given.dimensions, dtype=np.float32),
            seeds.generate_state(1, np.uint64).astype(np.uint64),
            told,
        )
        plain = kernels.skip_gram if given.form == "word2vec" else kernels.skip_gram_of_members
        learn = plain if given.skip_gram else kernels.cbow
        learn(
            Sentences(tokens, starts - starts[0]), self._choices, self._members, self.tables,
            scratch, given.window, np.float32(self.rate(epoch, number)),
        )  # fmt: skip


def _read(tokens: NDArray[np.int32], first: int, last: int) -> NDArray[np.int32]:
    """Return tokens of memory, or of a file without mapping it: its pages would stay in memory."""
    if isinstance(tokens, np.memmap) and tokens.filename is not None:
        return np.fromfile(
            tokens.filename, np.int32, last - first, offset=tokens.offset + 4 * first
        )
    return np.array(tokens[first:last])  # the kernels take only arrays that can be written to


def _pieces(starts: Ints, longest: int) -> Ints:
    """Return where sentences begin, those that are longer cut."""
    sizes = np.diff(starts)
    cut = np.flatnonzero(sizes > longest).tolist()
    more = [np.arange(starts[each] + longest, starts[each + 1], longest) for each in cut]
    return np.sort(np.concatenate([starts, *more])).astype(np.int64)


def _slices(starts: Ints, words: int) -> Ints:
    """Return the first sentence of each slice, and the end: slices of whole sentences."""
    count = max(1, round(int(starts[-1]) / words))
    inner = np.searchsorted(starts, [int(starts[-1]) * each // count for each in range(1, count)])
    ends = {0, len(starts) - 1, *inner.tolist()}
    return np.array(sorted(ends), dtype=np.int64)
