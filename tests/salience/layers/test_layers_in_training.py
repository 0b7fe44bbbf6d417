"""What training and saving rely on, of every layer."""

import numpy as np
import pytest
from thinc.api import Adam, fix_random_seed

import salience
from salience.layers import context
from salience.testing import random_floats, random_starts
from salience.types import Batch

from ..helpers import same_bits
from .examples import (
    CELLS,
    LAYERS,
    LENGTHS,
    all_gradients,
    arrays_for,
    close,
    deep,
    differentiated,
    given,
    made,
    results,
)
from .formulas import gradients_of, parameters_of

layer_by_layer = pytest.mark.parametrize("name", LAYERS)
STARTS = random_starts(LENGTHS)


def predicted(layer, arrays, starts):
    return results(layer.predict(given(layer, arrays.values(), starts)))


def equal(one, other):
    assert list(one) == list(other)
    for name in one:
        np.testing.assert_array_equal(one[name], other[name], err_msg=name)


@layer_by_layer
def test_gradients_of_two_updates_add_up(name):
    layer, arrays, other = made(name), arrays_for(name), arrays_for(name, [4, 2], seed=5)
    _, once = all_gradients(layer, arrays, STARTS)
    twin = made(name)
    _, second = all_gradients(twin, other, random_starts([4, 2]), seed=3)
    differentiated(layer, other, random_starts([4, 2]), seed=3)
    both = gradients_of(layer)
    firsts, seconds = (list(found.values())[len(arrays) :] for found in (once, second))
    for total, a, b in zip(both.values(), firsts, seconds, strict=True):
        close(total, a + b, 1e-6)


@layer_by_layer
def test_an_update_can_be_differentiated_after_another_has_begun(name):
    layer, arrays, other = made(name), arrays_for(name), arrays_for(name, [4, 2], seed=5)
    d_y, want = differentiated(made(name), arrays, STARTS)
    Y, backprop = layer.begin_update(given(layer, arrays.values(), STARTS))
    layer.begin_update(given(layer, other.values(), random_starts([4, 2])))
    layer.predict(given(layer, other.values(), random_starts([4, 2])))
    first = Y[0] if type(Y) is tuple else Y
    got = results(backprop(Batch(d_y, STARTS) if isinstance(first, Batch) else d_y))
    assert same_bits(tuple(got), tuple(want.values()))


@layer_by_layer
def test_predicting_leaves_no_gradient_and_changes_nothing(name):
    layer, arrays = made(name), arrays_for(name)
    copies, before = [array.copy() for array in arrays.values()], parameters_of(layer)
    predicted(layer, arrays, STARTS)
    assert not any(node.has_grad(each) for node in layer.walk() for each in node.param_names)
    assert same_bits(tuple(arrays.values()), tuple(copies))
    equal(parameters_of(layer), before)


@layer_by_layer
def test_backprop_changes_neither_its_gradient_nor_the_inputs(name):
    layer, arrays = made(name), arrays_for(name)
    copies = [array.copy() for array in arrays.values()]
    d_y, _ = differentiated(layer, arrays, STARTS)
    np.testing.assert_array_equal(d_y, random_floats(*d_y.shape, seed=9))
    assert same_bits(tuple(arrays.values()), tuple(copies))


@layer_by_layer
def test_the_same_seed_gives_the_same_parameters(name):
    found = []
    for seed in (3, 3, 4):
        fix_random_seed(seed)
        layer = LAYERS[name][0]()
        layer.initialize()
        found.append(list(parameters_of(layer, np.float32).values()))
    assert same_bits(tuple(found[0]), tuple(found[1]))
    assert all(np.isfinite(array).all() for array in found[0])
    if any(array.ndim > 1 for array in found[0]):  # others start at fixed numbers
        assert not same_bits(tuple(found[0]), tuple(found[2]))


@layer_by_layer
def test_bytes_bring_the_same_layer_back(name):
    layer, other, arrays = made(name), LAYERS[name][0](), arrays_for(name)
    other.from_bytes(layer.to_bytes())
    want = predicted(layer, arrays, STARTS)
    assert same_bits(tuple(predicted(other, arrays, STARTS)), tuple(want))
    assert same_bits(tuple(predicted(layer.copy(), arrays, STARTS)), tuple(want))


@layer_by_layer
@pytest.mark.parametrize("is_train", [False, True])
def test_a_document_s_result_does_not_depend_on_its_neighbours(name, is_train):
    layer, arrays = made(name), arrays_for(name)
    Y, _ = layer(given(layer, arrays.values(), STARTS), is_train)
    batch = results(Y)
    for b, length in enumerate(LENGTHS):
        own = slice(STARTS[b], STARTS[b + 1])
        alone = [array[own].copy() for array in arrays.values()]
        Y, _ = layer(given(layer, alone, random_starts([length])), is_train)
        rows = slice(b, b + 1) if layer.name == "pooling" else own
        assert same_bits(tuple(results(Y)), tuple(part[rows] for part in batch))


@pytest.mark.parametrize("cell", CELLS)
def test_parts_of_a_batch_side_by_side_are_the_batch(cell, monkeypatch):
    name = f"encoder of 2 blocks of {cell}"
    lengths = [3, 0, 9, 1, 4, 0, 5, 2]
    arrays, starts = arrays_for(name, lengths), random_starts(lengths)
    whole, before = all_gradients(made(name), arrays, starts)[1], salience.get_num_threads()
    want = predicted(made(name), arrays, starts)
    monkeypatch.setattr(context, "RUN", 4)
    found = []
    try:
        for threads in (1, 2, 3):
            salience.set_num_threads(threads)
            layer = made(name)
            found.append(tuple(all_gradients(layer, arrays, starts)[1].values()))
            assert same_bits(tuple(predicted(layer, arrays, starts)), tuple(want))
    finally:
        salience.set_num_threads(before)
    assert same_bits(found[0], found[1])
    assert same_bits(found[0], found[2])
    for part, total in zip(found[0], whole.values(), strict=True):
        close(part, total)


def encoder(dropout):
    fix_random_seed(0)
    layer = deep(2, "tanh", dropout=dropout)()
    layer.initialize()
    return layer


def test_dropout_changes_training_only():
    arrays = arrays_for("encoder of 1 blocks of tanh")
    plain, dropped = encoder(0.0), encoder(0.5)
    want = predicted(plain, arrays, STARTS)
    assert same_bits(tuple(predicted(dropped, arrays, STARTS)), tuple(want))
    (vectors, _), _ = dropped.begin_update(given(dropped, arrays.values(), STARTS))
    assert np.abs(vectors.data - want[0]).max() > 0.1
    _, d_inputs = differentiated(dropped, arrays, STARTS)
    assert 0.3 < np.mean(d_inputs["x"] == 0) < 0.7


def test_steps_along_the_gradient_bring_a_block_to_another_one_s_outputs():
    arrays = arrays_for("block of gated, concat and 2 heads", [5, 4, 6])
    starts = random_starts([5, 4, 6])
    want = predicted(made("block of gated, concat and 2 heads", seed=7), arrays, starts)[0]
    learner, optimizer, losses = made("block of gated, concat and 2 heads"), Adam(0.02), []
    for _ in range(150):
        (v, _), backprop = learner.begin_update(given(learner, arrays.values(), starts))
        backprop(Batch(v.data - want, starts))
        learner.finish_update(optimizer)
        losses.append(((v.data - want) ** 2).sum())
    assert losses[-1] < losses[0] / 20
