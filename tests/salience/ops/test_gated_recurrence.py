"""What gated_recurrence alone promises; see test_recurrences*.py for what all do."""

import numpy as np
import pytest

from salience.errors import ShapeError
from salience.ops import backprop_gated_recurrence, gated_recurrence, linear_recurrence, sigmoid
from salience.testing import random_floats

from .. import helpers
from .recurrences import GATED, anyway, backprop_example, example


def test_a_short_document_by_hand():
    # Logits of 0 are gates of 1/2, so a state is the mean of the one before and the input.
    inputs, logits = [[1.0, 1.0], [2.0, 2.0], [4.0, 4.0]], np.zeros((3, 2), np.float32)
    states, final = gated_recurrence(inputs, logits, [0, 3], initial=[[3.0, 8.0]], direction="both")
    np.testing.assert_array_equal(states, [[2, 2.5], [2, 4], [3, 6]])
    np.testing.assert_array_equal(final, [[3, 2.5]])


def test_the_gradients_of_a_short_document_by_hand():
    d_inputs, d_gate_logits, d_initial = backprop_gated_recurrence(
        [[1.0], [2.0]], [[2.0], [3.0]], [[1.0], [4.0]], [[0.0], [0.0]], [0, 2],
        initial=[[3.0]], d_final=[[4.0]],
    )  # fmt: skip
    # e = 1 + 6 / 2 = 4 and 2 + 4 = 6.
    np.testing.assert_array_equal(d_inputs, [[2], [3]])
    np.testing.assert_array_equal(d_gate_logits, [[4 / 4 * (3 - 1)], [6 / 4 * (2 - 4)]])
    np.testing.assert_array_equal(d_initial, [[2]])


@anyway
def test_its_gates_are_sigmoids(direction):
    arguments = example(GATED, [3, 0, 70], direction=direction)
    arguments["gate_logits"][:] = logits = random_floats(18, seed=5)
    gate = sigmoid(logits)
    want = linear_recurrence(
        arguments["inputs"] * (1 - gate), gate, arguments["starts"],
        initial=arguments["initial"], direction=direction,
    )  # fmt: skip
    for a, b in zip(gated_recurrence(**arguments, direction=direction), want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


@anyway
def test_equal_rows_stay_as_they_are(direction):
    arguments = example(GATED, [3, 0, 70], direction=direction)
    row = random_floats(18, seed=7)
    arguments["inputs"][:], arguments["initial"][:] = row, row
    states, final = gated_recurrence(**arguments, direction=direction)
    np.testing.assert_allclose(states, np.broadcast_to(row, states.shape), rtol=2e-6)
    np.testing.assert_allclose(final, np.broadcast_to(row, final.shape), rtol=2e-6)


@anyway
@pytest.mark.parametrize("size", [1e-30, 1.0, 1e30])
@pytest.mark.parametrize("logits", [0.1, 3.0, 30.0])
def test_a_state_exceeds_the_inputs_and_the_initial_state_by_rounding_alone(
    direction, size, logits
):
    longest = 100 if helpers.numba.config.DISABLE_JIT else 500
    arguments = example(GATED, [longest, 1, 33], direction=direction)
    arguments["gate_logits"] *= np.float32(logits)
    for name in ("inputs", "initial"):
        arguments[name] = np.sign(arguments[name]) * np.float32(size)
    states, final = gated_recurrence(**arguments, direction=direction)
    assert np.abs(states).max() <= np.float32(size) * (1 + 1e-5)
    assert np.abs(final).max() <= np.float32(size) * (1 + 1e-5)


@anyway
@pytest.mark.parametrize("size", [2e38, 3e38, 3.39e38])
def test_states_of_the_greatest_inputs_are_finite(direction, size):
    arguments = example(GATED, [40, 1, 33], direction=direction)
    for name in ("inputs", "initial"):
        arguments[name] = np.sign(arguments[name]) * np.float32(size)
    results = gated_recurrence(**arguments, direction=direction)
    wide = {**arguments, "inputs": np.float64(arguments["inputs"]), "direction": direction}
    for found, want in zip(results, GATED.judge(**wide), strict=True):
        assert np.isfinite(found).all()
        np.testing.assert_allclose(found / size, want / size, rtol=1e-5, atol=1e-6)


@anyway
@pytest.mark.parametrize("way", [-1, 1])
def test_far_logits_take_the_input_or_keep_the_state(direction, way):
    arguments = example(GATED, [2, 5], direction=direction)
    arguments["gate_logits"][:] = way * 1e30
    states, _ = gated_recurrence(**arguments, direction=direction)
    before = np.repeat(arguments["initial"], [2, 5], axis=0)
    want = arguments["inputs"] if way < 0 else before
    np.testing.assert_allclose(states, want, atol=1e-5)


def test_refuses_gate_logits_of_another_shape():
    text = r"gated_recurrence: gate_logits must have the shape \[3, 18\], got \[18\]"
    change = {"gate_logits": random_floats(18)}
    with pytest.raises(ShapeError, match=f"^{text}"):
        gated_recurrence(**{**example(GATED, [2, 1]), **change})
    with pytest.raises(ShapeError, match=f"^backprop_{text}"):
        backprop_gated_recurrence(**{**backprop_example(GATED, [2, 1]), **change})


def test_backprop_refuses_inputs_of_another_shape():
    text = r"^backprop_gated_recurrence: inputs must have the shape \[3, 18\], got \[3, 17\]"
    with pytest.raises(ShapeError, match=text):
        backprop_gated_recurrence(
            **{**backprop_example(GATED, [2, 1]), "inputs": random_floats(3, 17)}
        )


def test_the_gradient_of_a_nearly_closed_gate_keeps_its_digits():
    logits, ones = np.full((1, 1), 15, np.float32), np.ones((1, 1), np.float32)
    gate = float(sigmoid(logits)[0, 0])
    d_inputs, _, _ = backprop_gated_recurrence(ones / 3, ones, 2 * ones, logits, [0, 1])
    assert d_inputs[0, 0] == pytest.approx((1 - gate) * float(ones[0, 0] / np.float32(3)), rel=1e-6)
