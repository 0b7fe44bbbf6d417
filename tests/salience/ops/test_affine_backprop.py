import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import affine, backprop_affine
from salience.ops.affine import reference
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises

NAMES = ("x", "weight", "bias")


def example(rows, width=13, states=9):
    return {
        "d_y": random_floats(rows, states, seed=3),
        "x": random_floats(rows, width),
        "weight": random_floats(states, width, seed=1),
    }


def agree(*sizes):
    promises.assert_agrees(backprop_affine, reference.backprop, example(*sizes), tolerance=5e-5)


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 63, 64, 65, 1025])
def test_agrees_with_the_reference(rows):
    agree(rows)


@pytest.mark.parametrize("width", [0, 1, 3, 4, 5, 16, 33])
@pytest.mark.parametrize("states", [0, 1, 15, 16, 17])
def test_agrees_at_every_width(width, states):
    agree(6, width, states)


@given(rows=st.integers(0, 40), width=st.integers(0, 20), states=st.integers(0, 20))
def test_agrees_whatever_the_shape(rows, width, states):
    agree(rows, width, states)


@helpers.runs_no_kernel
@pytest.mark.parametrize("rows", [0, 1, 9])
def test_gradients_are_finite_differences(rows):
    arguments = promises.in_float64({**example(rows), "bias": random_floats(9, seed=2)})
    d_y = arguments.pop("d_y")

    def loss(**arguments):
        return (reference.forward(**arguments) * d_y).sum()

    found = reference.backprop(d_y, arguments["x"], arguments["weight"])
    gradients.assert_gradients(loss, arguments, dict(zip(NAMES, found, strict=True)))


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_two_rows_by_hand(device):
    d_y, x = np.float32([[1], [10]]), np.float32([[2, 3], [4, 5]])
    weight = np.float32([[6, 7]])
    d_x, d_weight, d_bias = backprop_affine(d_y, x, weight, device=device)
    np.testing.assert_array_equal(d_x, [[6, 7], [60, 70]])
    np.testing.assert_array_equal(d_weight, [[42, 53]])
    np.testing.assert_array_equal(d_bias, [11])


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(backprop_affine, form, example(11))


def test_writes_everything():
    promises.assert_writes_everything(backprop_affine, example(11))


@helpers.needs_kernels
def test_a_row_alone_has_the_bits_it_has_among_others():
    arguments = example(66, width=37, states=29)
    whole, _, _ = backprop_affine(**arguments)
    for row in range(66):
        alone = {name: arguments[name][row : row + 1] for name in ("x", "d_y")}
        d_x, d_weight, d_bias = backprop_affine(**{**arguments, **alone})
        assert helpers.same_bits(d_x[0], whole[row])
        assert helpers.same_bits(d_weight, np.outer(alone["d_y"], alone["x"]))
        assert helpers.same_bits(d_bias, alone["d_y"][0])


@pytest.mark.parametrize("size", [1e-45, 1e-40, 1e30])
@pytest.mark.parametrize("name", ["d_y", "x", "weight"])
def test_one_extreme_input_leaves_everything_finite(name, size):
    arguments = example(9)
    arguments[name] = np.float32(size) * np.sign(arguments[name])
    for gradient in backprop_affine(**arguments):
        assert np.isfinite(gradient).all()
    if name != "d_y":
        given = {name: arguments[name] for name in ("x", "weight")}
        assert np.isfinite(affine(**given)).all()


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(backprop_affine, example(3))


@pytest.mark.parametrize(
    ("name", "shape", "text"),
    [
        ("x", (3, 12), r"x must have the shape \[N, 13\], got \[3, 12\]"),
        ("d_y", (3, 8), r"d_y must have the shape \[3, 9\], got \[3, 8\]"),
        ("d_y", (2, 9), r"d_y must have the shape \[3, 9\], got \[2, 9\]"),
    ],
)
def test_refuses_arrays_that_do_not_fit_the_others(name, shape, text):
    with pytest.raises(ShapeError, match=f"^backprop_affine: {text}"):
        backprop_affine(**{**example(3), name: random_floats(*shape)})
