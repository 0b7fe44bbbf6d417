"""Blocks on a GPU: what they predict, what is remembered of words, and training."""

import numpy as np
import pytest
from salience.layers.folded import Folded, each_once
from thinc.api import Adam, fix_random_seed, use_ops

from salience import threads
from salience.layers import context
from salience.layers.block import predict, states, weights
from salience.layers.encoder import ContextEncoder
from salience.testing import random_floats, random_starts
from salience.types import Batch

from ..layers.examples import arrays_for, close
from .moving import here, numbers_of, pair

LENGTHS = [2, 0, 3]
STARTS = random_starts(LENGTHS)


def refuse_threads(monkeypatch):
    """From now on all is divided that may be, and no other thread than this one computes."""
    monkeypatch.setattr(threads, "_start", lambda *given: pytest.fail("another thread"))
    monkeypatch.setattr(threads, "RUN", 1)
    monkeypatch.setattr(context, "RUN", 1)


@pytest.mark.parametrize("heads", [0, 2])
def test_what_a_block_predicts_of_states_and_how_it_attends(heads, gpu_ops, monkeypatch):
    name = f"block of linear, concat and {heads} heads"

    def seen(block):
        X = Batch(block.ops.asarray(arrays_for(name, LENGTHS)["x"]), STARTS)
        h = states(block, X)
        v, received = predict(block, X, h)
        shares = weights(block, Batch(h.data[:2], random_starts([2])))
        return [here(block.ops, each) for each in (h.data, v.data, received, shares)]

    layer, twin = pair(name)
    want = seen(layer)
    refuse_threads(monkeypatch)
    for got, expected in zip(seen(twin), want, strict=True):
        close(got, expected)


def test_rows_of_words_are_kept_where_they_are_computed(gpu_ops):
    memory, computed = Folded(), []
    table = random_floats(9, 4)

    def ask(keys):
        keys = np.array(keys, dtype=np.uint64)

        def compute(places):
            computed.extend(keys[places].tolist())
            rows = gpu_ops.asarray(table[keys[places].astype(int)])
            return rows, 2 * rows

        want = table[keys.astype(int)]
        for rows, twice in (memory.rows(keys, [], compute), each_once(keys, compute)):
            np.testing.assert_array_equal(here(gpu_ops, rows), want)
            np.testing.assert_array_equal(here(gpu_ops, twice), 2 * want)

    ask([5, 2, 5])
    ask([2, 8])
    ask([])
    assert computed == [2, 5, 2, 5, 8, 2, 8]


def trained(steps=2):
    """An encoder, and how near it comes to what it is taught."""
    fix_random_seed(0)
    layer = ContextEncoder(4, depth=2, heads=1, rank=2, window=2)
    layer.initialize()
    x, want = (layer.ops.asarray(random_floats(5, 4, seed=seed)) for seed in (0, 1))
    optimizer, losses = Adam(0.02), []
    for _ in range(steps):
        (v, _), backprop = layer.begin_update(Batch(x, STARTS))
        backprop(Batch(v.data - want, STARTS))
        layer.finish_update(optimizer)
        losses.append(float(((v.data - want) ** 2).sum()))
    return layer, losses


def test_an_encoder_learns_alike(prefer_gpu, monkeypatch):
    with use_ops("numpy"):
        twin, want = trained()
    refuse_threads(monkeypatch)
    layer, losses = trained()
    assert losses[-1] < losses[0]
    close(losses, want)
    for got, expected in zip(numbers_of(layer), numbers_of(twin), strict=True):
        close(got, expected, 1e-4)
