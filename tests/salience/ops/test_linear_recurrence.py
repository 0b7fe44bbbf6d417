from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import linear_recurrence
from salience.ops.linear_recurrence.reference import forward
from salience.testing import random_floats, random_starts

from .. import helpers
from . import promises

DIRECTIONS = ("forward", "backward", "both")
anyway = pytest.mark.parametrize("direction", DIRECTIONS)


def example(lengths, states=18):
    decay = np.random.default_rng(1).uniform(0.05, 0.95, states)
    return {
        "inputs": random_floats(sum(lengths), states),
        "decay": decay.astype(np.float32),
        "starts": random_starts(lengths),
    }


@anyway
@pytest.mark.parametrize("lengths", [helpers.LENGTHS, *helpers.EDGES])
def test_agrees_with_the_reference(direction, lengths):
    promises.assert_agrees(linear_recurrence, forward, example(lengths), direction=direction)


@given(
    lengths=helpers.ragged, states=st.sampled_from([0, 2, 6, 34]), way=st.sampled_from(DIRECTIONS)
)
def test_agrees_whatever_the_shape(lengths, states, way):
    promises.assert_agrees(linear_recurrence, forward, example(lengths, states), direction=way)


def test_runs_forward_where_no_direction_is_given():
    arguments = example([5])
    result = linear_recurrence(**arguments)
    assert helpers.same_bits(result, linear_recurrence(**arguments, direction="forward"))


def test_a_short_document_by_hand():
    inputs = np.array([[1, 1], [2, 2], [4, 4]], dtype=np.float32)
    states = linear_recurrence(inputs, [0.5, 0.25], [0, 3], direction="both")
    np.testing.assert_array_equal(states, [[1, 1 + 3 / 4], [2.5, 3], [5.25, 4]])


@anyway
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(direction, form):
    arguments = example([3, 0, 8])
    promises.assert_takes_any_form(linear_recurrence, form, arguments, direction=direction)


@anyway
def test_writes_everything(direction):
    promises.assert_writes_everything(
        linear_recurrence, example(helpers.LENGTHS), direction=direction
    )


@anyway
def test_a_document_alone_has_the_bits_it_has_among_others(direction):
    arguments = example(helpers.LENGTHS)
    whole, starts = linear_recurrence(**arguments, direction=direction), arguments["starts"]
    for first, last in pairwise(starts):
        alone = linear_recurrence(
            arguments["inputs"][first:last],
            arguments["decay"],
            [0, last - first],
            direction=direction,
        )
        assert helpers.same_bits(alone, whole[first:last])


def test_a_decay_below_one_stays_bounded_over_a_long_document():
    states = linear_recurrence(np.ones((20_000, 2), np.float32), [0.999, 0.999], [0, 20_000])
    assert np.isfinite(states).all()
    assert states.max() <= 1000.1


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(linear_recurrence, example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"decay": random_floats(17)}, ShapeError, r"decay must have the shape \[18\], got \[17\]"),
        ({"direction": "up"}, RangeError, "direction must be one of forward, backward, both; got"),
        ({"starts": [0, 2]}, RangeError, "starts must begin with 0 and end with .* rows, 3; got"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^linear_recurrence: {text}"):
        linear_recurrence(**{**example([2, 1]), **change})


def test_both_directions_need_an_even_number_of_states():
    with pytest.raises(ShapeError, match="states, with direction='both', must be even, got 3"):
        linear_recurrence(**example([2], states=3), direction="both")
