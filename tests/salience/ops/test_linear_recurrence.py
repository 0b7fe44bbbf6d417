"""What linear_recurrence alone promises; see test_recurrences*.py for what all do."""

import numpy as np
import pytest

from salience.errors import ShapeError
from salience.ops import backprop_linear_recurrence, linear_recurrence
from salience.testing import random_floats

from .recurrences import LINEAR, anyway, backprop_example, example

INPUTS = np.array([[1, 1], [2, 2], [4, 4]], dtype=np.float32)


def test_a_short_document_by_hand():
    states, final = linear_recurrence(INPUTS, [0.5, 0.25], [0, 3], direction="both")
    np.testing.assert_array_equal(states, [[1, 1 + 3 / 4], [2.5, 3], [5.25, 4]])
    np.testing.assert_array_equal(final, [[5.25, 1.75]])


def test_two_short_documents_with_an_initial_state_by_hand():
    states, final = linear_recurrence(
        INPUTS, [0.5, 0.25], [0, 2, 2, 3], initial=[[2.0, 4.0], [7.0, 8.0], [-8.0, 16.0]]
    )
    np.testing.assert_array_equal(states, [[2, 2], [3, 2.5], [0, 8]])
    np.testing.assert_array_equal(final, [[3, 2.5], [7, 8], [0, 8]])


def test_gradients_of_a_short_document_by_hand():
    # u = 1, 2, 4 from h = 2 with decay 1/2: h = 2, 3, 5.5.
    d_inputs, d_decay, d_initial = backprop_linear_recurrence(
        [[1.0], [0.0], [4.0]], [[2.0], [3.0], [5.5]], [0.5], [0, 3],
        initial=[[2.0]], d_final=[[4.0]],
    )  # fmt: skip
    np.testing.assert_array_equal(d_inputs, [[3], [4], [8]])
    np.testing.assert_array_equal(d_decay, [3 * 2 + 4 * 2 + 8 * 3])
    np.testing.assert_array_equal(d_initial, [[1.5]])


@pytest.mark.parametrize(("decay", "want"), [(0.0, INPUTS[-1]), (1.0, INPUTS.sum(axis=0))])
def test_a_decay_of_0_forgets_and_one_of_1_sums(decay, want):
    _, final = linear_recurrence(INPUTS, [decay, decay], [0, 3])
    np.testing.assert_array_equal(final, want[None])


@anyway
def test_the_gradient_of_the_inputs_does_not_depend_on_the_states(direction):
    arguments = backprop_example(LINEAR, [3, 0, 40], direction=direction)
    d_inputs, _, d_initial = backprop_linear_recurrence(**arguments, direction=direction)
    other = {**arguments, "states": random_floats(43, 18, seed=9)}
    got, _, got_initial = backprop_linear_recurrence(**other, direction=direction)
    np.testing.assert_array_equal(got, d_inputs)
    np.testing.assert_array_equal(got_initial, d_initial)


def test_refuses_another_number_of_decays():
    text = r"linear_recurrence: decay must have the shape \[18\], got \[17\]"
    with pytest.raises(ShapeError, match=f"^{text}"):
        linear_recurrence(**{**example(LINEAR, [2, 1]), "decay": random_floats(17)})
    with pytest.raises(ShapeError, match=f"^backprop_{text}"):
        backprop_linear_recurrence(
            **{**backprop_example(LINEAR, [2, 1]), "decay": random_floats(17)}
        )
