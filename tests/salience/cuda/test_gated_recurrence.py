"""What gated_recurrence alone promises on a GPU; see test_recurrences.py."""

import numpy as np
import pytest

from salience.ops import backprop_gated_recurrence, gated_recurrence
from salience.testing import random_floats

from ..ops.recurrences import GATED, anyway, backprop_of, example
from .promises import assert_agrees


@anyway
@pytest.mark.parametrize("size", [1e30, -1e30])
def test_huge_inputs_stay_finite(direction, size, divided):
    arguments = example(GATED, [3, 0, 17], 6, direction)
    signs = np.sign(random_floats(20, 6, seed=5))
    arguments["inputs"] = np.float32(size) * signs
    arguments["initial"] *= np.float32(size)
    states, final = gated_recurrence(**arguments, direction=direction, device="cuda")
    given = backprop_of(GATED, arguments, states, direction)
    gradients = backprop_gated_recurrence(**given, direction=direction, device="cuda")
    for result in (states, final, *gradients):
        assert np.isfinite(result).all()


@anyway
@pytest.mark.parametrize("size", [1e30, 88.5, 87.0])
def test_gates_that_are_far_open_or_shut(direction, size, divided):
    arguments = example(GATED, [3, 0, 17], 6, direction)
    arguments["gate_logits"] = np.float32(size) * np.sign(arguments["gate_logits"])
    assert_agrees(GATED.op, GATED.judge, arguments, direction=direction)
    given = backprop_of(GATED, arguments, gated_recurrence(**arguments, direction=direction)[0])
    assert_agrees(GATED.backprop, GATED.judge_gradients, given, direction=direction)


@anyway
def test_equal_rows_stay_as_they_are(direction):
    arguments = example(GATED, [3, 0, 17], 6, direction)
    row = random_floats(6, seed=7)
    arguments["inputs"][:], arguments["initial"][:] = row, row
    states, final = gated_recurrence(**arguments, direction=direction, device="cuda")
    np.testing.assert_allclose(states, np.broadcast_to(row, states.shape), rtol=2e-6)
    np.testing.assert_allclose(final, np.broadcast_to(row, final.shape), rtol=2e-6)
