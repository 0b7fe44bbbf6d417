"""Every layer is its formula, and its gradients are those of the formula."""

import numpy as np
import pytest

from salience.layers import EmbeddingBags
from salience.testing import random_floats, random_starts
from salience.types import Ragged

from ..ops.gradients import assert_gradients
from .examples import LAYERS, LENGTHS, all_gradients, arrays_for, close, given, made, results
from .formulas import means, of_a_batch, parameters_of

layer_by_layer = pytest.mark.parametrize("name", LAYERS)
STARTS = random_starts(LENGTHS)


def judged(layer, starts, arrays):
    """The formula as a function of all its numbers by their names."""

    def formula(**numbers):
        return of_a_batch(layer, numbers, [numbers[each] for each in arrays], starts)

    numbers = {each: array.astype(np.float64) for each, array in arrays.items()}
    return formula, {**numbers, **parameters_of(layer)}


@layer_by_layer
@pytest.mark.parametrize("is_train", [False, True])
def test_a_layer_is_its_formula(name, is_train):
    layer, arrays = made(name), arrays_for(name)
    formula, numbers = judged(layer, STARTS, arrays)
    Y, _ = layer(given(layer, arrays.values(), STARTS), is_train=is_train)
    want = formula(**numbers)
    assert len(results(Y)) == len(want)
    for got, expected in zip(results(Y), want, strict=True):
        assert got.dtype == np.float32
        assert got.shape == expected.shape
        close(got, expected, 2e-6)


@layer_by_layer
def test_gradients_of_inputs_and_parameters_are_finite_differences(name):
    layer, arrays = made(name), arrays_for(name)
    formula, numbers = judged(layer, STARTS, arrays)
    d_y, gradients = all_gradients(layer, arrays, STARTS)
    assert set(gradients) == set(numbers)
    assert all(gradient.dtype == np.float32 for gradient in gradients.values())
    assert_gradients(
        lambda **changed: (formula(**changed)[0] * d_y).sum(), numbers, gradients, 1e-4
    )  # fmt: skip


@layer_by_layer
def test_every_parameter_has_a_gradient_that_is_not_0(name):
    layer, arrays = made(name), arrays_for(name)
    _, gradients = all_gradients(layer, arrays, STARTS)
    still = [each for each, gradient in gradients.items() if np.abs(gradient).max() < 1e-4]
    # Without heads there is no context, and a gate for it learns nothing.
    assert len(still) == name.endswith("gate and 0 heads"), still


@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
@layer_by_layer
def test_nothing_gives_nothing_and_no_gradient(name, lengths):
    layer, arrays, starts = made(name), arrays_for(name, lengths), random_starts(lengths)
    Y, _ = layer(given(layer, arrays.values(), starts), is_train=True)
    rows = len(lengths) if layer.name == "pooling" else 0
    assert all(len(result) == rows for result in results(Y))
    assert not any(result.any() for result in results(Y))
    _, gradients = all_gradients(layer, arrays, starts)
    assert not any(gradient.any() for gradient in gradients.values())


def embedding():
    layer = EmbeddingBags(5, 9)
    layer.initialize()
    return layer, Ragged(np.array([0, 8, 8, 3, 1, 1, 0]), random_starts([2, 0, 1, 4]))


def test_embedding_bags_are_means_of_rows():
    layer, bags = embedding()
    table = layer.get_param("E").astype(np.float64)
    assert table.shape == (9, 5)
    assert 0.05 < np.abs(table).max() <= 0.1
    close(layer.predict(bags), means(table, bags), 1e-7)


def test_the_gradient_of_embedding_bags_is_a_finite_difference():
    layer, bags = embedding()
    y, backprop = layer.begin_update(bags)
    d_y = random_floats(*y.shape)
    assert backprop(d_y) is bags
    assert_gradients(
        lambda E: (means(E, bags) * d_y).sum(),
        {"E": layer.get_param("E").astype(np.float64)}, {"E": layer.get_grad("E")},
    )  # fmt: skip
    unused = [2, 4, 5, 6, 7]
    assert not layer.get_grad("E")[unused].any()
