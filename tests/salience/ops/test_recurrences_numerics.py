"""What is finite stays finite, however large or small it is and however long it takes."""

import numpy as np
import pytest

from salience import ops
from salience.testing import random_floats

from .. import helpers
from . import promises
from .recurrences import GATED, LINEAR, NETWORKS, RELU, TANH, anyway, backprop_of, each, example

LENGTHS = [3, 0, 40]


def assert_finite(network, arguments, direction="forward"):
    """Return the states, after a look at everything that the network returns."""
    named = {**network.choices, "direction": direction}
    states, final = network.op(**arguments, **named)
    given = backprop_of(network, arguments, states, direction)
    for result in (states, final, *network.backprop(**given, **named)):
        assert np.isfinite(result).all()
    return states


def signs(*shape, seed=0):
    return np.sign(random_floats(*shape, seed=seed))


@each
@anyway
@pytest.mark.parametrize("size", [1e30, -1e30])
def test_huge_inputs(network, direction, size):
    arguments = example(network, LENGTHS, direction=direction)
    arguments["inputs"] = np.full((43, 18), size, np.float32)
    assert_finite(network, arguments, direction)
    arguments["inputs"] *= signs(43, 18)
    arguments["initial"] = np.float32(size) * signs(3, 18, seed=1)
    assert_finite(network, arguments, direction)


@each
@anyway
@pytest.mark.parametrize("size", [1e-38, 1e-40, 1e-45, 0.0])
def test_numbers_smaller_than_normal_ones(network, direction, size):
    arguments = example(network, LENGTHS, direction=direction)
    for name in ("inputs", "initial"):
        arguments[name] = np.float32(size) * signs(*arguments[name].shape)
    named = {**network.choices, "direction": direction}
    states = assert_finite(network, arguments, direction)
    want, _ = network.judge(**promises.in_float64(arguments), **named)
    # A step may be off by half of 1.4e-45, the smallest difference.
    np.testing.assert_allclose(states, want, rtol=1e-5, atol=1e-43)


@each
@anyway
def test_huge_gradients(network, direction):
    arguments = example(network, LENGTHS, direction=direction)
    named = {**network.choices, "direction": direction}
    states, _ = network.op(**arguments, **named)
    given = backprop_of(network, arguments, states, direction)
    for name in ("d_states", "d_final"):
        given[name] = np.float32(1e30) * signs(*given[name].shape)
    for result in network.backprop(**given, **named):
        assert np.isfinite(result).all()


@each
@anyway
def test_equal_rows(network, direction):
    arguments = example(network, LENGTHS, direction=direction)
    arguments["inputs"] = np.full((43, 18), 0.25, np.float32)
    if network.per_token:
        arguments[network.parameter] = np.full((43, 18), 0.25, np.float32)
    assert_finite(network, arguments, direction)


@anyway
@pytest.mark.parametrize("size", [1e30, 1e3, 88.5, 87.0])
def test_gates_that_are_far_open_or_shut(direction, size):
    arguments = example(GATED, LENGTHS, direction=direction)
    arguments["gate_logits"] = np.float32(size) * signs(43, 18, seed=1)
    arguments["inputs"] *= np.float32(1e30)
    states = assert_finite(GATED, arguments, direction)
    most = max(np.abs(arguments[name]).max() for name in ("inputs", "initial"))
    assert np.abs(states).max() <= most * np.float32(1.00001)


@anyway
@pytest.mark.parametrize("size", [1e30, 100.0, 10.0, 1.0])
def test_a_decay_that_is_a_sigmoid_of_anything(direction, size):
    arguments = example(LINEAR, LENGTHS, direction=direction)
    arguments["decay"] = decay = ops.sigmoid(np.float32(size) * signs(18, seed=1))
    assert decay.min() > 0
    assert decay.max() < 1
    arguments["inputs"] = np.float32(1e30) * signs(43, 18)
    states = assert_finite(LINEAR, arguments, direction)
    assert np.abs(states).max() <= 1.001e30 * 40


@pytest.mark.parametrize("network", [TANH, RELU], ids=["tanh", "relu"])
def test_a_huge_weight(network):
    arguments = example(network, [3, 0, 5])
    arguments["weight"] = 1e6 * signs(18, 18).astype(np.float32)
    if network is RELU:  # whose states grow with every step
        arguments["weight"] /= 1e3
    named = network.choices
    states, final = network.op(**arguments, **named)
    assert np.isfinite(states).all()
    assert np.isfinite(final).all()


@helpers.needs_speed
@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: network.name)
def test_a_million_steps(network, direction):
    arguments = example(network, [1_000_000], 2, direction)
    assert_finite(network, arguments, direction)


@helpers.needs_speed
@pytest.mark.parametrize("logit", [7.0, 20.0, 1e30])
def test_a_million_steps_that_hardly_forget(logit):
    ones, starts = np.ones((1_000_000, 2), np.float32), np.array([0, 1_000_000])
    decay = ops.sigmoid(np.full(2, logit, np.float32))
    states = assert_finite(LINEAR, {"inputs": ones, "decay": decay, "starts": starts})
    assert states.max() <= min(1.001 / (1 - decay[0]), len(ones))
    logits = np.full_like(ones, logit)
    states = assert_finite(GATED, {"inputs": ones, "gate_logits": logits, "starts": starts})
    assert states.min() > 0
    assert states.max() <= 1


@helpers.needs_speed
@pytest.mark.parametrize("network", [TANH, GATED], ids=["tanh", "gated"])
def test_a_million_steps_end_where_they_would_after_few(network):
    # Both forget: only the last steps count, and no error has piled up until them.
    arguments = example(network, [1_000_000], 2)
    _, final = network.op(**arguments, **network.choices)
    last = {
        name: value[-1000:] for name, value in arguments.items() if len(value) == 1_000_000
    }  # fmt: skip
    late = promises.in_float64({**arguments, **last, "starts": np.array([0, 1000])})
    _, want = network.judge(**late, **network.choices, direction="forward")
    np.testing.assert_allclose(final, want, rtol=1e-5, atol=1e-6)
