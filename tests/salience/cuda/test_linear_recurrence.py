import pytest

from salience.cuda import chunks

from ..ops.recurrences import LINEAR, anyway, backprop_example, example, zeros
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
    arguments = example(LINEAR, lengths, states, direction)
    assert_agrees(LINEAR.op, LINEAR.judge, arguments, direction=direction)


@anyway
@widths
@pytest.mark.parametrize("lengths", LENGTHS, ids=str)
def test_gradients_agree_with_the_reference(lengths, states, direction, divided):
    arguments = backprop_example(LINEAR, lengths, states, direction)
    assert_agrees(LINEAR.backprop, LINEAR.judge_gradients, arguments, direction=direction)


def test_without_an_initial_state():
    lengths = [3, 0, 40]
    for op, judge, arguments, nothing in zip(
        (LINEAR.op, LINEAR.backprop),
        (LINEAR.judge, LINEAR.judge_gradients),
        (example(LINEAR, lengths, initial=False), backprop_example(LINEAR, lengths, initial=False)),
        zeros(LINEAR, lengths, 18),
        strict=True,
    ):
        assert_agrees(op, judge, arguments, nothing, direction="both")


@anyway
def test_a_long_document_in_chunks_of_the_real_size(direction):
    arguments = example(LINEAR, [chunks.WHOLE, chunks.WHOLE + 1], 2, direction)
    assert_agrees(LINEAR.op, LINEAR.judge, arguments, direction=direction)
