"""Encoder.encode: the whole chain, in words a second."""

from functools import cache

import numpy as np

from salience.encoder import Encoder
from salience.ops import embedding_bags
from salience.testing import random_starts, random_weights
from salience.types import Ragged

from .common import Benchmark, per_second, pin, starts_of

TOKENS = 32768
WORDS = 20000
BUCKETS = 1000


class Encode(Benchmark):
    """A ragged batch through an encoder of the real size; the peer only looks rows up."""

    params = ((1, 2),)
    param_names = ("threads",)
    unit = "words/s"

    def setup(self, threads):
        pin(threads)
        self.encoder = encoder()
        self.starts = starts_of("ragged", TOKENS)
        self.bags = bags(int(self.starts[-1]))
        self.table = self.encoder.weights.tensors["table"]

    def teardown(self, *_):
        pin()

    def track_encode(self, *_):
        return per_second(self.starts[-1], lambda: self.encoder.encode(self.bags, self.starts))

    def track_look_up(self, *_):
        return per_second(self.starts[-1], lambda: embedding_bags(self.table, *self.bags))


class OneDocument(Benchmark):
    """What a single call costs: short documents show the overhead of the chain."""

    params = ((1, 30, 500),)
    param_names = ("tokens",)

    def setup(self, tokens):
        pin()
        self.bags, self.starts = bags(tokens), random_starts([tokens])
        self.time_encode()

    def time_encode(self, *_):
        encoder().encode(self.bags, self.starts)


@cache
def encoder():
    words = [f"word{i}" for i in range(WORDS)]
    return Encoder(
        random_weights(words, width=256, states=128, heads=1, rank=64, buckets=BUCKETS, window=32)
    )


@cache
def bags(tokens):
    """One row a token; one token in twenty is unknown, the mean of twelve n-grams' rows."""
    rng = np.random.default_rng(0)
    starts = random_starts(np.where(rng.random(tokens) < 0.05, 12, 1))
    return Ragged(rng.integers(0, 1 + WORDS + BUCKETS, starts[-1]), starts)
