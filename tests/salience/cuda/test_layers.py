"""The layers on a GPU: they give what they give on the CPU, in arrays of thinc's CupyOps."""

import numpy as np
import pytest
from thinc.api import fix_random_seed

from salience.layers import EmbeddingBags
from salience.layers.pooling import salience_of
from salience.testing import random_floats, random_starts
from salience.types import Batch, Ragged

from ..layers.examples import LAYERS, arrays_for, close, given, results
from .moving import here, numbers_of, pair

LENGTHS = [2, 0, 3]
BLOCKS = [
    "block of linear, gate and 0 heads", "block of tanh, gate and 1 heads",
    "block of gated, concat and 2 heads", "block of linear with an output gate and gate",
    "encoder with output gates",
]  # fmt: skip
ALONE = [name for name in LAYERS if not name.startswith(("block", "encoder"))]
layer_by_layer = pytest.mark.parametrize("name", [*ALONE, *BLOCKS])


def learnt(layer, arrays, starts):
    """Results, the gradients of inputs and those of parameters, on the host."""
    ops = layer.ops
    Y, backprop = layer(given(layer, map(ops.asarray, arrays.values()), starts), is_train=True)
    found = [here(ops, result) for result in results(Y)]
    d_y = ops.asarray(random_floats(*found[0].shape, seed=9))
    dX = backprop(d_y if Y is results(Y)[0] else Batch(d_y, starts))
    found += [here(ops, result) for result in results(dX)]
    return found + numbers_of(layer, "get_grad")


@layer_by_layer
@pytest.mark.parametrize("lengths", [LENGTHS, [], [0]], ids=str)
def test_results_and_gradients_are_those_of_the_cpu(name, lengths, gpu_ops):
    layer, twin = pair(name)
    arrays, starts = arrays_for(name, lengths), random_starts(lengths)
    want = learnt(layer, arrays, starts)
    for got, expected in zip(learnt(twin, arrays, starts), want, strict=True):
        assert got.dtype == np.float32
        close(got, expected)


@layer_by_layer
def test_a_layer_starts_alike(name, prefer_gpu):
    def start(layer):
        fix_random_seed(3)
        layer.initialize()
        return numbers_of(layer)

    layer = LAYERS[name][0]()
    found = start(layer)
    layer.to_cpu()
    for got, want in zip(found, start(layer), strict=True):
        np.testing.assert_array_equal(got, want)


def test_embedding_bags_take_ids_of_the_host(prefer_gpu):
    bags = Ragged(np.array([0, 8, 8, 3, 1, 1, 0]), random_starts([2, 0, 1, 4]))
    layer = EmbeddingBags(5, 9)
    layer.initialize()
    d_x = random_floats(4, 5)

    def rows_and_gradient():
        x, backprop = layer.begin_update(bags)
        assert backprop(layer.ops.asarray(d_x)) is bags
        return here(layer.ops, x), here(layer.ops, layer.get_grad("E"))

    found = rows_and_gradient()
    layer.to_cpu()
    layer.set_grad("E", 0 * layer.get_grad("E"))
    for got, want in zip(found, rows_and_gradient(), strict=True):
        close(got, want)


def test_the_salience_of_tokens(gpu_ops):
    layer, twin = pair("pooling")
    v, starts = arrays_for("pooling", LENGTHS)["v"], random_starts(LENGTHS)
    got = here(gpu_ops, salience_of(twin, Batch(gpu_ops.asarray(v), starts)))
    close(got, salience_of(layer, Batch(v, starts)))
