import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.ops import backprop_fusion, fusion
from salience.ops.fusion import reference
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises

NAMES = ("states", "context", "weight", "gate")
BY_TOKEN = ("d_vectors", "states", "context")


def example(tokens, width=13, states=9):
    return {
        "d_vectors": random_floats(tokens, width),
        "states": random_floats(tokens, states, seed=1),
        "context": random_floats(tokens, width, seed=2),
        "weight": random_floats(width, states, seed=3),
        "gate": random_floats(width, seed=4),
    }


def agree(*sizes):
    promises.assert_agrees(backprop_fusion, reference.backprop, example(*sizes), tolerance=5e-5)


@pytest.mark.parametrize("tokens", [0, 1, 2, 63, 64, 65, 1025])
def test_agrees_with_the_reference(tokens):
    agree(tokens)


@given(tokens=st.integers(0, 40), width=st.integers(0, 20), states=st.integers(0, 20))
def test_agrees_whatever_the_shape(tokens, width, states):
    agree(tokens, width, states)


@helpers.runs_no_kernel
@pytest.mark.parametrize("tokens", [0, 1, 9])
def test_gradients_are_finite_differences(tokens):
    arguments = promises.in_float64({**example(tokens), "x": random_floats(tokens, 13, seed=5)})
    d_vectors = arguments.pop("d_vectors")

    def loss(**arguments):
        return (reference.forward(**arguments) * d_vectors).sum()

    given = {name: arguments[name] for name in NAMES}
    found = dict(zip(NAMES, reference.backprop(d_vectors, **given), strict=True))
    gradients.assert_gradients(loss, arguments, {**found, "x": d_vectors})


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_two_tokens_by_hand(device):
    d_vectors, states = np.float32([[1], [10]]), np.float32([[2], [3]])
    context, weight, gate = np.float32([[4], [5]]), np.float32([[6]]), np.float32([7])
    d_states, d_context, d_weight, d_gate = backprop_fusion(
        d_vectors, states, context, weight, gate, device=device
    )
    np.testing.assert_array_equal(d_states, [[6], [60]])
    np.testing.assert_array_equal(d_context, [[7], [70]])
    np.testing.assert_array_equal(d_weight, [[32]])
    np.testing.assert_array_equal(d_gate, [54])


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(backprop_fusion, form, example(11))


def test_writes_everything():
    promises.assert_writes_everything(backprop_fusion, example(11))


@helpers.needs_kernels
def test_a_token_alone_has_the_bits_it_has_among_others():
    arguments = example(66)
    d_states, d_context, _, _ = backprop_fusion(**arguments)
    for token in range(66):
        alone = {name: arguments[name][token : token + 1] for name in BY_TOKEN}
        got = backprop_fusion(**{**arguments, **alone})
        assert helpers.same_bits(got[0][0], d_states[token])
        assert helpers.same_bits(got[1][0], d_context[token])


@pytest.mark.parametrize("size", [1e-45, 1e-40, 1e30])
@pytest.mark.parametrize("name", ["d_vectors", *NAMES])
def test_one_extreme_input_leaves_everything_finite(name, size):
    arguments = example(9)
    arguments[name] = np.float32(size) * np.sign(arguments[name])
    for gradient in backprop_fusion(**arguments):
        assert np.isfinite(gradient).all()
    given = {name: arguments[name] for name in NAMES}
    assert np.isfinite(fusion(random_floats(9, 13), **given)).all()


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(backprop_fusion, example(3))


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
    with pytest.raises(ShapeError, match=f"^backprop_fusion: {text}"):
        backprop_fusion(**{**example(3), name: random_floats(*shape)})
