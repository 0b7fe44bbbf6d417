import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import affine
from salience.ops.affine.reference import forward
from salience.testing import random_floats

from .. import helpers
from . import promises


def example(rows, width=13, states=9):
    return {
        "x": random_floats(rows, width),
        "weight": random_floats(states, width, seed=1),
        "bias": random_floats(states, seed=2),
    }


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 63, 64, 65, 1000])
def test_agrees_with_the_reference(rows):
    promises.assert_agrees(affine, forward, example(rows))


# 4 steps of the product are unrolled, and LLVM's vectors are 4 to 16 wide.
@pytest.mark.parametrize("width", [0, 1, 3, 4, 5, 16, 33])
@pytest.mark.parametrize("states", [0, 1, 15, 16, 17])
def test_agrees_at_every_width(width, states):
    promises.assert_agrees(affine, forward, example(6, width, states))


@given(rows=st.integers(0, 40), width=st.integers(0, 20), states=st.integers(0, 20))
def test_agrees_whatever_the_shape(rows, width, states):
    promises.assert_agrees(affine, forward, example(rows, width, states))


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_no_bias_is_a_bias_of_zeros(device):
    arguments = {**example(7), "bias": np.zeros(9, np.float32)}
    without = affine(arguments["x"], arguments["weight"], device=device)
    assert helpers.same_bits(without, affine(**arguments, device=device))


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(affine, form, example(11))


def test_writes_everything():
    promises.assert_writes_everything(affine, example(11))


def test_a_row_alone_has_the_bits_it_has_among_others():
    arguments = example(66, width=37, states=29)
    whole = affine(**arguments)
    for row in range(66):
        alone = affine(**{**arguments, "x": arguments["x"][row : row + 1]})
        assert helpers.same_bits(alone[0], whole[row])


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(affine, example(3))


@pytest.mark.parametrize(
    ("name", "shape", "text"),
    [
        ("x", (3, 12), r"affine: x must have the shape \[N, 13\], got \[3, 12\]"),
        ("bias", (8,), r"affine: bias must have the shape \[9\], got \[8\]"),
    ],
)
def test_refuses_arrays_that_do_not_fit_the_weight(name, shape, text):
    with pytest.raises(ShapeError, match=text):
        affine(**{**example(3), name: random_floats(*shape)})
