"""Encoder.encode_chunks, which the component calls: the whole chain, in words a second."""

from functools import cache

import numpy as np

from salience.encoder.encoder import Encoder
from salience.ops import embedding_bags
from salience.testing import random_starts, random_weights
from salience.types import Ragged

from .chain import CHUNK, Chain
from .common import Benchmark, floats, per_second, pin, starts_of

TOKENS = 32768
WORDS = 20000
BUCKETS = 1000


class Encode(Benchmark):
    """A batch through an encoder of the real size; the peer only looks rows up."""

    params = (("ragged", 30), (1, 2))
    param_names = ("documents", "threads")
    unit = "words/s"

    def setup(self, documents, threads):
        pin(threads)
        self.encoder = encoder()
        self.starts = starts_of(documents, TOKENS)
        self.bags = bags(int(self.starts[-1]))
        self.table = self.encoder.weights.tensors["table"]

    def teardown(self, *_):
        pin()

    def track_encode(self, *_):
        return per_second(
            self.starts[-1], lambda: self.encoder.encode_chunks(self.bags, self.starts)
        )

    def track_look_up(self, *_):
        return per_second(self.starts[-1], lambda: embedding_bags(self.table, *self.bags))


class Folding(Benchmark):
    """The same chain out of public ops, which does the input product; both on one thread."""

    params = (("ragged", 30),)
    param_names = ("documents",)

    def setup(self, documents):
        pin()
        self.chain, self.starts = Chain(encoder().weights), starts_of(documents, TOKENS)
        self.words = int(self.starts[-1])
        self.bags = bags(self.words)
        self.d_documents = floats(len(self.starts) - 1, 256)
        self.time_encode()
        self.time_composed_encode()

    def time_encode(self, *_):
        return joined(encoder().encode_chunks(self.bags, self.starts))

    def time_composed_encode(self, *_):
        return joined(self.chain.encode(self.bags, self.starts))

    def time_training(self, *_):
        """Forward and all gradients, composed: the encoder itself is frozen."""
        return self.chain.gradients(self.bags, self.starts, self.d_documents)


class Share(Benchmark):
    """FLOPs a second of the chain's products (see Chain.flops), over those of sgemm alone.

    What a chunk needs is in cache, again and again; a batch has its rows from memory.
    """

    unit = "share of sgemm's rate"
    params = (("ragged", 30), (CHUNK, TOKENS))
    param_names = ("documents", "tokens")

    def setup(self, documents, tokens):
        pin()
        self.chain, self.starts = Chain(encoder().weights), starts_of(documents, tokens)
        self.bags = bags(int(self.starts[-1]))
        self.sgemm = sgemm_rate()

    def track_folded(self, *_):
        flops = self.chain.flops(self.starts, folded=True)
        return (
            per_second(flops, lambda: encoder().encode_chunks(self.bags, self.starts)) / self.sgemm
        )

    def track_unfolded(self, *_):
        flops = self.chain.flops(self.starts, folded=False)
        return per_second(flops, lambda: self.chain.encode(self.bags, self.starts)) / self.sgemm


class OneDocument(Benchmark):
    """What a single call costs: short documents show the overhead of the chain."""

    params = ((1, 30, 500),)
    param_names = ("tokens",)

    def setup(self, tokens):
        pin()
        self.bags, self.starts = bags(tokens), random_starts([tokens])
        self.time_encode()

    def time_encode(self, *_):
        encoder().encode_chunks(self.bags, self.starts)


def joined(chunks):
    """One array of all chunks' vectors, and so on: chunks may end elsewhere."""
    return tuple(np.concatenate(arrays) for arrays in zip(*chunks, strict=True))


def sgemm_rate():
    """FLOPs a second of NumPy's product of 1024 x 256 and 256 x 256, on one thread."""
    a, b, out = floats(1024, 256), floats(256, 256, seed=1), np.empty((1024, 256), np.float32)
    return per_second(2 * 1024 * 256 * 256, lambda: np.matmul(a, b, out=out))


@cache
def encoder():
    words = [f"word{i}" for i in range(WORDS)]
    return Encoder(
        random_weights(words, width=256, states=128, heads=1, rank=16, buckets=BUCKETS, window=32)
    )


@cache
def bags(tokens, rows=1 + WORDS + BUCKETS):
    """One row a token; one token in twenty is unknown, the mean of twelve n-grams' rows."""
    rng = np.random.default_rng(0)
    starts = random_starts(np.where(rng.random(tokens) < 0.05, 12, 1))
    return Ragged(rng.integers(0, rows, starts[-1]), starts)
