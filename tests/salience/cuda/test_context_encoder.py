"""Blocks and whole encoders on a GPU: what they predict, and how they learn."""

import numpy as np
import pytest
from thinc.api import Adam, fix_random_seed, use_ops

from salience import threads
from salience.layers import context
from salience.layers.context import ContextEncoder, Repeated
from salience.layers.encoder import encode
from salience.layers.tensors import parameters_of
from salience.model.settings import BlockSettings, Settings
from salience.testing import random_floats, random_starts
from salience.types import Batch

from ..encoder.test_forms import ENCODERS, batch_of
from ..layers.examples import arrays_for, close
from ..layers.test_encoder import learning
from .moving import here, numbers_of, pair

LENGTHS = [2, 0, 3]
STARTS = random_starts(LENGTHS)


def refuse_threads(monkeypatch):
    """From now on all is divided that may be, and no other thread than this one computes."""
    monkeypatch.setattr(threads, "_start", lambda *given: pytest.fail("another thread"))
    monkeypatch.setattr(threads, "RUN", 1)
    monkeypatch.setattr(context, "RUN", 1)


@pytest.mark.parametrize(
    "name",
    ["block of linear, concat and 0 heads", "block of linear, concat and 2 heads",
     "block of gated with an output gate and concat"],
)  # fmt: skip
def test_what_a_block_predicts_is_computed_where_its_arrays_are(name, gpu_ops, monkeypatch):
    def seen(block):
        X = Batch(block.ops.asarray(arrays_for(name, LENGTHS)["x"]), STARTS)
        v, received = block.predict(X)
        return [here(block.ops, each) for each in (v.data, received)]

    layer, twin = pair(name)
    want = seen(layer)
    refuse_threads(monkeypatch)
    for got, expected in zip(seen(twin), want, strict=True):
        close(got, expected)


LEARNING = [
    "two", "attributes", "projected words", "projected documents", "received", "attributes alone"
]  # fmt: skip


@pytest.mark.parametrize("name", LEARNING)
def test_a_whole_encoder_says_and_learns_alike(name, gpu_ops):
    def seen(layers):
        ops = layers.context.ops
        encoded, backprop = encode(layers, batch_of(ENCODERS[name]), is_train=True)
        d_v, d_d = (
            ops.asarray(random_floats(*each.shape, seed=3))
            for each in (encoded.vectors, encoded.documents)
        )
        backprop(d_v, d_d if layers.pooling else None)
        found = [ops.to_numpy(each) for each in encoded]
        learnt = parameters_of(layers).values()
        found += [ops.to_numpy(each.layer.get_grad(each.name)) for each in learnt]
        for rows, gradient in layers.words.take_gradients().values() if layers.words else ():
            found += [rows, gradient]
        return found

    layers, twin = learning(name), learning(name)
    want = seen(layers)
    for each in twin.all:
        each.to_gpu(0)
    for got, expected in zip(seen(twin), want, strict=True):
        close(got, expected, 2e-5 * max(1, np.abs(expected).max(initial=0)))


def trained(steps=2):
    """An encoder, and how near it comes to what it is taught."""
    fix_random_seed(0)
    block = BlockSettings(4, "gated", heads=1, rank=2, window=2, fusion="concat")
    layer = ContextEncoder(Settings(4, (block, block)))
    layer.initialize()
    x, want = (layer.ops.asarray(random_floats(5, 4, seed=seed)) for seed in (0, 1))
    optimizer, losses = Adam(0.02), []
    for _ in range(steps):
        (v, _), backprop = layer.begin_update(Repeated(x, np.arange(5), STARTS))
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
