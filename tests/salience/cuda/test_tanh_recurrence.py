import numpy as np
import pytest

from salience.ops import backprop_tanh_recurrence, tanh_recurrence
from salience.ops.tanh_recurrence import cuda as kernels
from salience.testing import random_floats

from ..ops.recurrences import RELU, TANH, anyway, backprop_example, backprop_of, example, zeros
from .promises import assert_agrees

LENGTHS = [[], [0], [1, 0, 2, 5]]
# A matrix of no columns, of one part each, and forward or backward of two.
widths = pytest.mark.parametrize("states", [0, 2, 34])
activations = pytest.mark.parametrize("network", [TANH, RELU], ids=["tanh", "relu"])


def assert_all_agrees(network, lengths, states, direction):
    """The op and its gradients equal the reference."""
    named = {**network.choices, "direction": direction}
    arguments = example(network, lengths, states, direction)
    assert_agrees(network.op, network.judge, arguments, **named)
    arguments = backprop_example(network, lengths, states, direction)
    assert_agrees(network.backprop, network.judge_gradients, arguments, **named)


@activations
@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_agrees_with_the_reference(lengths, states, direction, network):
    assert_all_agrees(network, lengths, states, direction)


@activations
@anyway
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_a_matrix_too_wide_for_registers(lengths, direction, network, monkeypatch):
    monkeypatch.setattr(kernels, "WIDEST", 1)
    assert_all_agrees(network, lengths, 6, direction)


def test_two_ways_of_two_parts_each():
    arguments = example(TANH, [3], 66, "both")
    assert_agrees(TANH.op, TANH.judge, arguments, direction="both", activation="tanh")


def test_the_widest_matrix_in_registers_and_the_next():
    for states in (kernels.WIDEST, kernels.WIDEST + 1):
        arguments = example(TANH, [1], states)
        assert_agrees(TANH.op, TANH.judge, arguments, direction="forward", activation="tanh")


def test_more_states_than_threads(monkeypatch):
    monkeypatch.setattr(kernels, "WIDEST", 1)
    monkeypatch.setattr(kernels, "WIDE_THREADS", 32)
    assert_all_agrees(TANH, [1, 0, 3], 2 * 35, "both")


def test_without_an_initial_state():
    lengths = [3, 0, 4]
    for op, judge, arguments, nothing in zip(
        (TANH.op, TANH.backprop),
        (TANH.judge, TANH.judge_gradients),
        (example(TANH, lengths, initial=False), backprop_example(TANH, lengths, initial=False)),
        zeros(TANH, lengths, 18),
        strict=True,
    ):
        assert_agrees(op, judge, arguments, nothing, direction="forward", activation="tanh")


@activations
@pytest.mark.parametrize("widest", [kernels.WIDEST, 1], ids=["registers", "wide"])
@pytest.mark.parametrize("size", [1e30, -1e30])
def test_huge_inputs_stay_finite(size, widest, network, monkeypatch):
    monkeypatch.setattr(kernels, "WIDEST", widest)
    arguments = example(network, [3, 0, 2], 6, "both")
    arguments["inputs"] = np.float32(size) * np.sign(random_floats(5, 6, seed=5))
    arguments["initial"] *= np.float32(size)
    named = {**network.choices, "direction": "both", "device": "cuda"}
    states, final = tanh_recurrence(**arguments, **named)
    gradients = backprop_tanh_recurrence(**backprop_of(network, arguments, states), **named)
    for result in (states, final, *gradients):
        assert np.isfinite(result).all()
