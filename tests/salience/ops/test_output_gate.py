import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience import ops
from salience.errors import ShapeError
from salience.ops import backprop_output_gate, output_gate
from salience.ops.output_gate import cpu, reference
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises


def example(tokens, states=13):
    return {
        "states": random_floats(tokens, states),
        "logits": random_floats(tokens, states, seed=1, scale=3),
    }


def backprop_example(tokens, states=13):
    return {"d_y": random_floats(tokens, states, seed=2), **example(tokens, states)}


PAIRS = {
    "forward": (output_gate, reference.forward, example),
    "backprop": (backprop_output_gate, reference.backprop, backprop_example),
}
each = pytest.mark.parametrize(("op", "of", "arguments"), PAIRS.values(), ids=PAIRS)


@each
@pytest.mark.parametrize("tokens", [0, 1, 2, 63, 64, 65, 1000])
def test_agrees_with_the_reference(op, of, arguments, tokens):
    promises.assert_agrees(op, of, arguments(tokens))


@each
@given(tokens=st.integers(0, 40), states=st.integers(0, 70))
def test_agrees_whatever_the_shape(op, of, arguments, tokens, states):
    promises.assert_agrees(op, of, arguments(tokens, states))


@helpers.runs_no_kernel
@pytest.mark.parametrize("tokens", [0, 1, 9])
def test_gradients_are_finite_differences(tokens):
    arguments = promises.in_float64(example(tokens))
    d_y = random_floats(tokens, 13, seed=2)

    def loss(**arguments):
        return (reference.forward(**arguments) * d_y).sum()

    found = dict(zip(arguments, reference.backprop(d_y, **arguments), strict=True))
    gradients.assert_gradients(loss, arguments, found)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_one_token_by_hand(device):
    states, logits = np.float32([[4, 4, -3]]), np.float32([[0, 90, -90]])
    y = output_gate(states, logits, device=device)
    np.testing.assert_allclose(y, [[2, 4, 0]], rtol=1e-6, atol=1e-30)
    d_states, d_logits = backprop_output_gate(
        np.float32([[2, 2, 2]]), states, logits, device=device
    )
    np.testing.assert_allclose(d_states, [[1, 2, 0]], rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(d_logits, [[2, 0, 0]], rtol=1e-6, atol=1e-6)


def test_behind_a_linear_recurrence_it_makes_the_order_of_words_count():
    u, o = random_floats(60, 9), random_floats(60, 9, seed=1)
    u[:25] = u[-25:] = 0  # so that a document's end cuts nothing off
    decay = np.full(9, 0.3, np.float32)
    states, _ = ops.linear_recurrence(u, decay, [0, 60])
    turned, _ = ops.linear_recurrence(u[::-1], decay, [0, 60])
    np.testing.assert_allclose(states.sum(axis=0), turned.sum(axis=0), atol=1e-5)
    gated, gated_turned = output_gate(states, o), output_gate(turned, o[::-1])
    assert np.abs(gated.sum(axis=0) - gated_turned.sum(axis=0)).max() > 0.1


@pytest.mark.usefixtures("fresh_threads")
@helpers.needs_speed
@each
def test_has_the_same_bits_on_any_number_of_threads(op, of, arguments):
    promises.assert_same_on_any_number_of_threads(op, arguments(5000))


@each
@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(op, of, arguments, form):
    promises.assert_takes_any_form(op, form, arguments(11))


@each
def test_writes_everything(op, of, arguments):
    promises.assert_writes_everything(op, arguments(11))


@each
def test_a_token_alone_has_the_bits_it_has_among_others(op, of, arguments):
    given = arguments(66)
    whole = helpers.parts(op(**given))
    for token in range(66):
        alone = op(**{name: array[token : token + 1] for name, array in given.items()})
        assert helpers.same_bits(
            tuple(part[0] for part in helpers.parts(alone)), tuple(part[token] for part in whole)
        )


def test_the_kernel_writes_in_the_place_of_the_logits():
    given = example(66)
    want, y = output_gate(**given), given["logits"].copy()
    cpu.gate(given["states"], y)
    assert helpers.same_bits(y, want)


@pytest.mark.parametrize("size", [1e-45, 1e-40, 1e30])
@pytest.mark.parametrize("name", ["d_y", "states", "logits"])
def test_one_extreme_input_leaves_everything_finite(name, size):
    given = backprop_example(9)
    given[name] = np.float32(size) * np.sign(given[name])
    for gradient in backprop_output_gate(**given):
        assert np.isfinite(gradient).all()
    del given["d_y"]
    assert np.isfinite(output_gate(**given)).all()


@each
def test_refuses_bad_arrays(op, of, arguments):
    promises.assert_refuses_bad_arrays(op, arguments(3))


@pytest.mark.parametrize(
    ("op", "arguments", "name"),
    [
        (output_gate, example, "logits"),
        (backprop_output_gate, backprop_example, "states"),
        (backprop_output_gate, backprop_example, "logits"),
    ],
)
def test_refuses_arrays_that_do_not_fit_the_others(op, arguments, name):
    text = rf"^{op.__name__}: {name} must have the shape \[3, 13\], got \[2, 13\]"
    with pytest.raises(ShapeError, match=text):
        op(**{**arguments(3), name: random_floats(2, 13)})
