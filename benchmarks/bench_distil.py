"""Distillation in words a second: a whole step, of the static table alone and of all parts."""

from functools import cache

import numpy as np

from salience.testing import random_floats, random_weights
from salience.training.corpus import Corpus
from salience.training.distil import Distillation, Lessons
from salience.training.learner import Learner
from salience.training.objectives import Objective
from salience.training.student import Student

from .common import Benchmark, per_second, pin, starts_of

TOKENS, WORDS, BUCKETS, BATCH = 32_768, 30_000, 16_384, 1024
PARTS = {
    "static": {"recurrence": False, "attention": False},
    "recurrence": {"attention": False},
    "attention": {"recurrence": False},
    "all": {},
}


class Step(Benchmark):
    """Steps of 1,024 texts of about 16 words, with a teacher of width 384."""

    params = (tuple(PARTS), (1, 2))
    param_names = ("parts", "threads")
    unit = "words/s"

    def setup(self, parts, threads):
        pin(threads)
        student = Student(weights(), **PARTS[parts])
        self.task = Distillation(lessons(), student, Objective(), batch=BATCH, longest=64, seed=0)
        self.learner = Learner(student, self.task.readouts(), steps=1000, rate=1e-3)
        self.task(self.learner)

    def teardown(self, *_):
        pin()

    def track_words(self, *_):
        steps = self.task.steps_of_an_epoch
        return per_second(TOKENS, lambda: [self.task(self.learner) for _ in range(steps)])


@cache
def lessons():
    """Words as often as in a language, by Zipf's law."""
    rng, starts = np.random.default_rng(0), starts_of(16, TOKENS)
    tokens = (rng.zipf(1.2, TOKENS) % WORDS).astype(np.int32)
    vectors = random_floats(len(starts) - 1, 384).astype(np.float16)
    return Lessons(Corpus([f"word{i}" for i in range(WORDS)], tokens, starts), vectors)


@cache
def weights():
    return random_weights(
        [f"word{i}" for i in range(WORDS)], width=256, states=256, heads=1, rank=32,
        buckets=BUCKETS, window=32,
    )  # fmt: skip
