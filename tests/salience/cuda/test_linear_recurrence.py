"""What linear_recurrence alone promises on a GPU; see test_recurrences.py."""

import numpy as np
import pytest

from ..ops.recurrences import LINEAR, anyway, backprop_of, example
from .promises import assert_agrees


@anyway
@pytest.mark.parametrize("decay", [0.0, 1.0, -0.5, 1e-30])
def test_a_segment_s_factor_is_the_power_of_any_decay(decay, direction, divided):
    arguments = example(LINEAR, [3, 0, 17], 4, direction)
    arguments["decay"] = np.full(4, decay, np.float32)
    assert_agrees(LINEAR.op, LINEAR.judge, arguments, direction=direction)
    given = backprop_of(LINEAR, arguments, LINEAR.op(**arguments, direction=direction)[0])
    assert_agrees(LINEAR.backprop, LINEAR.judge_gradients, given, direction=direction)


@anyway
def test_huge_inputs_stay_finite(direction, divided):
    arguments = example(LINEAR, [3, 0, 17], 4, direction)
    arguments["inputs"] = np.float32(1e30) * np.sign(arguments["inputs"])
    for result in LINEAR.op(**arguments, direction=direction, device="cuda"):
        assert np.isfinite(result).all()
