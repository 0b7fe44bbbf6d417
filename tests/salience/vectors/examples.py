"""A small corpus: words of one topic stand beside each other, never beside those of another."""

import numpy as np

from salience.training.corpus import corpus_of
from salience.vectors.learner import Learner
from salience.vectors.settings import Settings
from salience.vectors.vocabulary import vocabulary_of

TOPICS = [f"sea{each}" for each in range(8)], [f"hill{each}" for each in range(8)]


def sentences(count=400, seed=0):
    rng = np.random.default_rng(seed)
    return [list(rng.choice(TOPICS[each % 2], 9)) for each in range(count)]


SMALL = Settings(dimensions=20, epochs=3, sample=0.0, min_count=1, buckets=500, rate=0.05)


def learner(settings=SMALL, corpus=None):
    corpus = corpus or corpus_of(sentences())
    return Learner(corpus, vocabulary_of(corpus, settings.min_count, settings.max_words), settings)
