"""What tanh_recurrence alone promises; see test_recurrences*.py for what all do."""

import numpy as np
import pytest

from salience.errors import ShapeError
from salience.ops import backprop_tanh_recurrence, linear_recurrence, tanh, tanh_recurrence
from salience.testing import random_floats

from .. import helpers
from .recurrences import TANH, anyway, backprop_example, example

SWAP = np.array([[0, 1], [-1, 0]], dtype=np.float32)
activations = pytest.mark.parametrize("activation", ["tanh", "relu"])


def test_a_short_document_by_hand():
    # relu: [1, 2], then [1 + 2, 1 - 1], then [-4 + 0, 4 - 3].
    states, final = tanh_recurrence(
        [[1.0, 2.0], [1.0, 1.0], [-4.0, 4.0]], SWAP, [0, 3], activation="relu"
    )
    np.testing.assert_array_equal(states, [[1, 2], [3, 0], [0, 1]])
    np.testing.assert_array_equal(final, [[0, 1]])


def test_the_gradients_of_a_short_document_by_hand():
    d_inputs, d_weight, d_initial = backprop_tanh_recurrence(
        [[0.0, 1.0], [2.0, 5.0]], [[1.0, 2.0], [3.0, 0.0]], SWAP, [0, 2],
        initial=[[4.0, 5.0]], d_final=[[1.0, 1.0]], activation="relu",
    )  # fmt: skip
    # Of the last step [2 + 1, 0]; W' of it is [0, 3], so of the first [0, 1 + 3].
    np.testing.assert_array_equal(d_inputs, [[0, 4], [3, 0]])
    np.testing.assert_array_equal(d_weight, [[3 * 1, 3 * 2], [4 * 4, 4 * 5]])
    np.testing.assert_array_equal(d_initial, [[-4, 0]])


def test_each_way_has_a_matrix_of_its_own():
    inputs = [[1.0, 1.0], [2.0, 2.0]]
    states, final = tanh_recurrence(
        inputs, [[[2.0]], [[3.0]]], [0, 2], direction="both", activation="relu"
    )
    np.testing.assert_array_equal(states, [[1, 1 + 3 * 2], [2 + 2 * 1, 2]])
    np.testing.assert_array_equal(final, [[4, 7]])


@activations
def test_both_ways_are_the_two_ways_beside_each_other(activation):
    arguments = example(TANH, helpers.LENGTHS, 34, "both")
    states, final = tanh_recurrence(**arguments, direction="both", activation=activation)
    for way, columns in (("forward", slice(0, 17)), ("backward", slice(17, 34))):
        own = {name: np.array(arguments[name][:, columns]) for name in ("inputs", "initial")}
        half, half_final = tanh_recurrence(
            **own, weight=arguments["weight"][int(way == "backward")], starts=arguments["starts"],
            direction=way, activation=activation,
        )  # fmt: skip
        assert helpers.same_bits((half, half_final), (states[:, columns], final[:, columns]))


@anyway
def test_without_recurrence_it_is_tanh_of_every_row(direction):
    arguments = example(TANH, [3, 0, 40], direction=direction)
    arguments["weight"] = np.zeros_like(arguments["weight"])
    states, _ = tanh_recurrence(**arguments, direction=direction)
    assert helpers.same_bits(states, tanh(arguments["inputs"]))


def test_relu_of_a_diagonal_matrix_is_a_linear_recurrence():
    inputs, decay = np.abs(random_floats(40, 18)), np.full(18, 0.5, np.float32)
    want = linear_recurrence(inputs, decay, [0, 40])
    got = tanh_recurrence(inputs, np.diag(decay), [0, 40], activation="relu")
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6)


def test_takes_tanh_where_no_activation_is_given():
    arguments = example(TANH, [5])
    assert helpers.same_bits(
        tanh_recurrence(**arguments), tanh_recurrence(**arguments, activation="tanh")
    )


@activations
def test_the_states_are_in_the_activation_s_range(activation):
    arguments = example(TANH, [50])
    states, _ = tanh_recurrence(**arguments, activation=activation)
    assert states.min() >= (-1 if activation == "tanh" else 0)
    assert activation == "relu" or states.max() <= 1


@pytest.mark.parametrize(
    ("direction", "shape", "wanted"),
    [
        ("forward", (17, 18), "18, 18"),
        ("backward", (1, 18, 18), "18, 18"),
        ("both", (18, 18), "2, 9, 9"),
        ("both", (2, 18, 18), "2, 9, 9"),
        ("both", (1, 9, 9), "2, 9, 9"),
    ],
)
def test_refuses_a_weight_of_another_shape(direction, shape, wanted):
    given = ", ".join(map(str, shape))
    text = rf"tanh_recurrence: weight must have the shape \[{wanted}\], got \[{given}\]"
    change = {"weight": random_floats(*shape), "direction": direction}
    with pytest.raises(ShapeError, match=f"^{text}"):
        tanh_recurrence(**{**example(TANH, [2, 1]), **change})
    with pytest.raises(ShapeError, match=f"^backprop_{text}"):
        backprop_tanh_recurrence(**{**backprop_example(TANH, [2, 1]), **change})
