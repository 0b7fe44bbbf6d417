import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import fusion
from salience.ops.fusion.reference import forward
from salience.testing import random_floats

from .. import helpers
from . import promises

BY_TOKEN = ("x", "states", "context")


def example(tokens, width=13, states=9):
    return {
        "x": random_floats(tokens, width),
        "states": random_floats(tokens, states, seed=1),
        "context": random_floats(tokens, width, seed=2),
        "weight": random_floats(width, states, seed=3),
        "gate": random_floats(width, seed=4),
    }


@pytest.mark.parametrize("tokens", [0, 1, 2, 63, 64, 65, 1000])
def test_agrees_with_the_reference(tokens):
    promises.assert_agrees(fusion, forward, example(tokens))


@given(tokens=st.integers(0, 40), width=st.integers(0, 20), states=st.integers(0, 20))
def test_agrees_whatever_the_shape(tokens, width, states):
    promises.assert_agrees(fusion, forward, example(tokens, width, states))


def test_without_weight_and_gate_the_vector_is_the_embedding():
    arguments = example(5)
    nothing = {name: np.zeros_like(arguments[name]) for name in ("weight", "gate")}
    np.testing.assert_array_equal(fusion(**{**arguments, **nothing}), arguments["x"])


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(fusion, form, example(11))


def test_writes_everything():
    promises.assert_writes_everything(fusion, example(11))


def test_a_token_alone_has_the_bits_it_has_among_others():
    arguments = example(66)
    whole = fusion(**arguments)
    for token in range(66):
        alone = {name: arguments[name][token : token + 1] for name in BY_TOKEN}
        assert helpers.same_bits(fusion(**{**arguments, **alone})[0], whole[token])


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(fusion, example(3))


@pytest.mark.parametrize(
    ("name", "shape", "text"),
    [
        ("states", (2, 9), r"states must have the shape \[3, H\], got \[2, 9\]"),
        ("context", (3, 12), r"context must have the shape \[3, 13\], got \[3, 12\]"),
        ("weight", (9, 13), r"weight must have the shape \[13, 9\], got \[9, 13\]"),
        ("gate", (9,), r"gate must have the shape \[13\], got \[9\]"),
    ],
)
def test_refuses_arrays_that_do_not_fit_the_others(name, shape, text):
    with pytest.raises(ShapeError, match=f"^fusion: {text}"):
        fusion(**{**example(3), name: random_floats(*shape)})
