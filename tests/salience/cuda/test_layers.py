"""The layers on a GPU: they give what they give on the CPU, in arrays of thinc's CupyOps."""

import numpy as np
import pytest
from thinc.api import Adam, fix_random_seed

from salience.layers import EmbeddingBags
from salience.layers.block import predict, states, weights
from salience.layers.encoder import ContextEncoder
from salience.layers.folded import Folded, each_once
from salience.layers.pooling import salience_of
from salience.testing import random_floats, random_starts
from salience.types import Batch, Ragged

from ..layers.examples import LAYERS, arrays_for, close, given, made, results
from ..layers.formulas import key, parameters_of

pytestmark = pytest.mark.gpu

LENGTHS = [2, 0, 3]
STARTS = random_starts(LENGTHS)
TAUGHT = [
    name for name in LAYERS if not name.startswith(("block", "encoder"))
    or name in (
        "block of linear, gate and 0 heads", "block of tanh, gate and 1 heads",
        "block of gated, concat and 2 heads", "encoder of 2 blocks of gated",
    )
]  # fmt: skip
layer_by_layer = pytest.mark.parametrize("name", TAUGHT)


def here(ops, array):
    """An array's numbers, if it is one on the GPU."""
    assert isinstance(array, ops.xp.ndarray)
    return ops.to_numpy(array)


def moved(name, gpu_ops):
    """The layer of that name as it is on the CPU, and the same on the GPU."""
    layer, twin = made(name), made(name)
    twin.to_gpu(0)
    return layer, twin


def there(ops, arrays):
    return {name: ops.asarray(array) for name, array in arrays.items()}


def learnt(layer, ops, arrays, starts):
    """Results, the gradients of inputs and those of parameters, as NumPy's arrays."""
    Y, backprop = layer(given(there(ops, arrays).values(), starts), is_train=True)
    found = [here(ops, result) for result in results(Y)]
    d_y = ops.asarray(random_floats(*found[0].shape, seed=9))
    dX = backprop(Batch(d_y, starts) if isinstance(results_of(Y), Batch) else d_y)
    found += [here(ops, result) for result in results(dX)]
    nodes = [(node, name) for node in layer.walk() for name in node.param_names]
    return found + [here(ops, node.get_grad(name)) for node, name in nodes]


def results_of(Y):
    return Y[0] if type(Y) is tuple else Y


@layer_by_layer
@pytest.mark.parametrize("lengths", [LENGTHS, [], [0]], ids=str)
def test_results_and_gradients_are_those_of_the_cpu(name, lengths, gpu_ops):
    layer, twin = moved(name, gpu_ops)
    arrays, starts = arrays_for(name, lengths), random_starts(lengths)
    want = learnt(layer, layer.ops, arrays, starts)
    for got, expected in zip(learnt(twin, gpu_ops, arrays, starts), want, strict=True):
        assert got.dtype == np.float32
        close(got, expected)


@layer_by_layer
def test_a_layer_starts_alike(name, prefer_gpu):
    fix_random_seed(3)
    layer = LAYERS[name][0]()
    layer.initialize()
    found = {
        key(node, each): here(prefer_gpu, node.get_param(each))
        for node in layer.walk()
        for each in node.param_names
    }
    layer.to_cpu()
    fix_random_seed(3)
    layer.initialize()
    for each, want in parameters_of(layer, np.float32).items():
        np.testing.assert_array_equal(found[each], want)


def test_embedding_bags_take_ids_of_the_host(prefer_gpu):
    bags = Ragged(np.array([0, 8, 8, 3, 1, 1, 0]), random_starts([2, 0, 1, 4]))
    layer = EmbeddingBags(5, 9)
    layer.initialize()
    y, backprop = layer.begin_update(bags)
    d_y = random_floats(4, 5)
    backprop(prefer_gpu.asarray(d_y))
    found = here(prefer_gpu, y), here(prefer_gpu, layer.get_grad("E"))
    layer.to_cpu()
    layer.set_grad("E", 0 * layer.get_param("E"))
    y, backprop = layer.begin_update(bags)
    backprop(d_y)
    close(found[0], y)
    close(found[1], layer.get_grad("E"))


@pytest.mark.parametrize("heads", [0, 2])
def test_what_a_block_predicts_of_states_and_how_it_attends(heads, gpu_ops):
    name = f"block of linear, concat and {heads} heads"
    layer, twin = moved(name, gpu_ops)
    x = arrays_for(name, LENGTHS)["x"]
    found = []
    for block, ops in ((layer, layer.ops), (twin, gpu_ops)):
        X = Batch(ops.asarray(x), STARTS)
        h = states(block, X)
        c, received = predict(block, X, h)
        one = Batch(h.data[:2], random_starts([2]))
        found.append([here(ops, each) for each in (h.data, c.data, received, weights(block, one))])
    for got, want in zip(*found, strict=True):
        close(got, want)


def test_the_salience_of_tokens(gpu_ops):
    layer, twin = moved("pooling", gpu_ops)
    v = arrays_for("pooling", LENGTHS)["v"]
    got = here(gpu_ops, salience_of(twin, Batch(gpu_ops.asarray(v), STARTS)))
    close(got, salience_of(layer, Batch(v, STARTS)))


def test_rows_of_words_are_kept_where_they_are_computed(gpu_ops):
    memory, computed = Folded(), []
    table = gpu_ops.asarray(random_floats(9, 4))

    def ask(keys):
        keys = np.array(keys, dtype=np.uint64)

        def compute(places):
            computed.extend(keys[places].tolist())
            ids = gpu_ops.asarray(keys[places].astype(np.int64))
            return table[ids], 2 * table[ids]

        want = gpu_ops.to_numpy(table)[keys.astype(np.int64)]
        for rows, twice in (memory.rows(keys, [table], compute), each_once(keys, compute)):
            np.testing.assert_array_equal(here(gpu_ops, rows), want)
            np.testing.assert_array_equal(here(gpu_ops, twice), 2 * want)

    ask([5, 2, 5])
    ask([2, 8])
    memory.to_device("cpu", 0)
    ask([])
    assert computed == [2, 5, 2, 5, 8, 2, 8]


def trained(ops, steps=3):
    """How a small encoder comes nearer to what it is taught, and what it has learnt."""
    fix_random_seed(0)
    layer = ContextEncoder(4, depth=2, heads=1, rank=2, window=2)
    layer.initialize()
    X = Batch(ops.asarray(random_floats(5, 4)), STARTS)
    want, optimizer = ops.asarray(random_floats(5, 4, seed=1)), Adam(0.02)
    losses = []
    for _ in range(steps):
        (v, _), backprop = layer.begin_update(X)
        backprop(Batch(v.data - want, STARTS))
        layer.finish_update(optimizer)
        losses.append(float(((v.data - want) ** 2).sum()))
    nodes = [(node, name) for node in layer.walk() for name in node.param_names]
    return losses, [here(ops, node.get_param(name)) for node, name in nodes], layer


def test_an_encoder_learns_alike(prefer_gpu):
    losses, parameters, layer = trained(prefer_gpu)
    assert losses[-1] < losses[0]
    X = Batch(prefer_gpu.asarray(random_floats(5, 4)), STARTS)
    v = here(prefer_gpu, layer.predict(X)[0].data)
    layer.to_cpu()
    close(v, layer.predict(Batch(random_floats(5, 4), STARTS))[0].data)
    want, others, _ = on_the_cpu(trained)
    close(losses, want)
    for got, expected in zip(parameters, others, strict=True):
        close(got, expected, 1e-4)


def on_the_cpu(function):
    from thinc.api import NumpyOps, use_ops

    with use_ops("numpy"):
        return function(NumpyOps())
