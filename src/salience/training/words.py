"""Word vectors from a matrix of sentence vectors, where there is no teacher to call."""

from collections.abc import Sequence

import numpy as np

from ..ops import embedding_bags
from ..ragged import select, transpose
from ..types import Floats
from .distil import Lessons
from .lessons import Teacher

MOST_SENTENCES = 100_000
"""Sentences that are searched for words, evenly from the whole corpus."""

LONGEST_SENTENCE = 64
"""Words of a sentence that are read."""


def word_teacher(lessons: Lessons) -> Teacher:
    """Return a teacher of words by the vectors of the sentences they are in.

    x_w = mean over the sentences s with w of t_s - mean over all s of t_s

    A word that is in none of the sentences looked at is zeros.
    """
    corpus = lessons.corpus
    evenly = np.linspace(0, len(corpus) - 1, min(MOST_SENTENCES, len(corpus)))
    numbers = np.unique(evenly.astype(np.int64))
    words, _ = corpus.sentences(numbers, LONGEST_SENTENCE)
    sentences = np.asarray(lessons.sentences[numbers], dtype=np.float32)
    centred = sentences - sentences.mean(axis=0)
    by_word = transpose(words, len(corpus.words))  # the sentences of each word
    places = {word: number for number, word in enumerate(corpus.words)}

    def teach(asked: Sequence[str]) -> Floats:
        numbers = np.array([places[word] for word in asked])
        return embedding_bags(centred, *select(by_word, numbers))

    return teach
