import pytest

from salience.ops import backprop_step_attention, step_attention

from ..ops.attention import (
    step_backprop_example,
    step_backprop_reference,
    step_example,
    step_reference,
)
from .promises import assert_agrees


@pytest.mark.parametrize("view", [{}, {"window": 2, "temperature": 0.5}], ids=str)
@pytest.mark.parametrize("lengths", [[], [3, 0, 34]], ids=str)
def test_agrees_with_the_reference(lengths, view):
    assert_agrees(step_attention, step_reference, step_example(lengths, 2, 3, 4), **view)
    assert_agrees(
        backprop_step_attention, step_backprop_reference,
        step_backprop_example(lengths, 2, 3, 4), **view, tolerance=1e-4,
    )  # fmt: skip
