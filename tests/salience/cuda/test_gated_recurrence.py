import numpy as np
import pytest

from salience.cuda import chunks
from salience.ops import backprop_gated_recurrence, gated_recurrence
from salience.testing import random_floats

from ..ops.recurrences import GATED, anyway, backprop_example, backprop_of, example, zeros
from .promises import assert_agrees

pytestmark = pytest.mark.gpu

LENGTHS = [[], [0], [1, 0, 2, 9, 16, 17]]
widths = pytest.mark.parametrize("states", [0, 2, 34])


@pytest.fixture
def divided(monkeypatch):
    """Documents of more than 12 steps are divided in chunks of 5, so that many are."""
    monkeypatch.setattr(chunks, "WHOLE", 12)
    monkeypatch.setattr(chunks, "CHUNK", 5)


@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_agrees_with_the_reference(lengths, states, direction, divided):
    arguments = example(GATED, lengths, states, direction)
    assert_agrees(GATED.op, GATED.judge, arguments, direction=direction)


@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_gradients_agree_with_the_reference(lengths, states, direction, divided):
    arguments = backprop_example(GATED, lengths, states, direction)
    assert_agrees(GATED.backprop, GATED.judge_gradients, arguments, direction=direction)


def test_without_an_initial_state():
    lengths = [3, 0, 40]
    for op, judge, arguments, nothing in zip(
        (GATED.op, GATED.backprop),
        (GATED.judge, GATED.judge_gradients),
        (example(GATED, lengths, initial=False), backprop_example(GATED, lengths, initial=False)),
        zeros(GATED, lengths, 18),
        strict=True,
    ):
        assert_agrees(op, judge, arguments, nothing, direction="both")


@anyway
def test_a_long_document_in_chunks_of_the_real_size(direction):
    arguments = example(GATED, [chunks.WHOLE, chunks.WHOLE + 1], 2, direction)
    assert_agrees(GATED.op, GATED.judge, arguments, direction=direction)
    arguments = backprop_example(GATED, [chunks.WHOLE, chunks.WHOLE + 1], 2, direction)
    assert_agrees(GATED.backprop, GATED.judge_gradients, arguments, direction=direction)


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
    np.testing.assert_array_equal(states, np.broadcast_to(row, states.shape))
    np.testing.assert_array_equal(final, np.broadcast_to(row, final.shape))
