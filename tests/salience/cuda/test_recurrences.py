"""What the recurrences in segments promise in the same words; see ops/recurrences.py."""

import pytest

from salience.cuda import segments

from ..ops.recurrences import GATED, LINEAR, anyway, backprop_example, example, zeros
from .promises import assert_agrees

each = pytest.mark.parametrize("network", [LINEAR, GATED], ids=lambda network: network.name)
LENGTHS = [[], [0], [1, 0, 2, 9, 16, 17]]
widths = pytest.mark.parametrize("states", [0, 2, 34])


@each
@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_agrees_with_the_reference(network, lengths, states, direction, divided):
    arguments = example(network, lengths, states, direction)
    assert_agrees(network.op, network.judge, arguments, direction=direction)


@each
@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_gradients_agree_with_the_reference(network, lengths, states, direction, divided):
    arguments = backprop_example(network, lengths, states, direction)
    assert_agrees(network.backprop, network.judge_gradients, arguments, direction=direction)


@each
def test_without_an_initial_state(network):
    lengths = [3, 0, 40]
    for op, judge, arguments, nothing in zip(
        (network.op, network.backprop),
        (network.judge, network.judge_gradients),
        (
            example(network, lengths, initial=False),
            backprop_example(network, lengths, initial=False),
        ),
        zeros(network, lengths, 18),
        strict=True,
    ):
        assert_agrees(op, judge, arguments, nothing, direction="both")


@each
@anyway
def test_a_long_document_in_segments_of_the_real_size(network, direction):
    arguments = example(network, [segments.WHOLE, segments.WHOLE + 1], 2, direction)
    assert_agrees(network.op, network.judge, arguments, direction=direction)
    arguments = backprop_example(network, [segments.WHOLE, segments.WHOLE + 1], 2, direction)
    assert_agrees(network.backprop, network.judge_gradients, arguments, direction=direction)
