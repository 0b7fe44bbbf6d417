"""A small language: sentences of words, and a teacher who sees their order."""

import zlib

import numpy as np

from salience.testing import random_floats
from salience.training.corpus import corpus_of
from salience.training.distil import Distillation, Lessons
from salience.training.learner import Learner
from salience.training.objectives import Objective
from salience.training.start import Recipe, start
from salience.training.student import Student

WORDS = "the a cat dog man bites sees not good bad very runs".split()
SMALL = Recipe(words=50, buckets=16, width=8, states=8, heads=2, rank=3, window=4)


def sentences(count=60, seed=0):
    """Lists of words; some have none."""
    rng = np.random.default_rng(seed)
    return [list(rng.choice(WORDS, rng.integers(0, 9))) for _ in range(count)]


def of_word(word):
    return random_floats(12, seed=zlib.crc32(word.encode()))


def of_words(words):
    """A vector for each word."""
    return np.stack([of_word(word) for word in words])


def of_sentence(words):
    """What comes before counts: the word after is turned by it."""
    total = np.full(12, 0.01, np.float32)
    for before, word in zip(["", *words], words, strict=False):
        total += of_word(word) * (1 + np.roll(of_word(before), 1))
    return total


def lessons(count=60, tokens=False):
    texts = sentences(count)
    corpus = corpus_of(texts)
    vectors = np.stack([of_sentence(text) for text in texts]).astype(np.float16)
    of_tokens = of_words([word for text in texts for word in text]) if tokens else None
    return Lessons(corpus, vectors, of_tokens)


def training(given=None, steps=8, batch=16, **parts):
    """A learner at its start, and what takes its steps."""
    given = given or lessons()
    student = Student(start(given.corpus.counts(), of_words, SMALL), **parts)
    task = Distillation(given, student, Objective(), batch=batch, longest=6, seed=3)
    learner = Learner(student, task.readouts(), steps=steps, rate=0.02)
    return learner, task
