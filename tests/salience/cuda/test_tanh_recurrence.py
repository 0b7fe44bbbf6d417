import numpy as np
import pytest

from salience.ops.tanh_recurrence import cuda as kernels
from salience.testing import random_floats

from ..ops.recurrences import RELU, TANH, anyway, backprop_example, backprop_of, example, zeros
from .promises import assert_agrees

pytestmark = pytest.mark.gpu

LENGTHS = [[], [0], [1, 0, 2, 5]]
# One thread a state, several, and none.
widths = pytest.mark.parametrize("states", [0, 2, 18, 66])
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
    assert_all_agrees(network, lengths, 18, direction)


def test_the_widest_matrix_in_registers_and_the_next():
    for states in (kernels.WIDEST, kernels.WIDEST + 1):
        assert_all_agrees(TANH, [2], states, "forward")


def test_more_states_than_threads(monkeypatch):
    monkeypatch.setattr(kernels, "WIDEST", 1)
    monkeypatch.setattr(kernels, "MOST", 32)
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
