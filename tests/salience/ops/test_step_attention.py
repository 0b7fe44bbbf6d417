from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import attention_weights, backprop_step_attention, step_attention
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises
from .attention import (
    TEMPERATURES,
    of_document,
    shapes,
    step_backprop_example,
    step_backprop_reference,
    step_example,
    step_reference,
    views,
)

NAMES = ("states", "query", "key")


def agree(lengths, heads=4, rank=8, **view):
    promises.assert_agrees(
        step_attention, step_reference, step_example(lengths, heads, rank), **view, tolerance=3e-5
    )
    promises.assert_agrees(
        backprop_step_attention, step_backprop_reference,
        step_backprop_example(lengths, heads, rank), **view, tolerance=1e-4,
    )  # fmt: skip


@views
@shapes
def test_agrees_with_the_reference(view, heads, rank):
    agree([0, 1, 2, 17, 0, 33], heads, rank, **view)


@helpers.needs_speed
@pytest.mark.parametrize("window", [None, 7])
@pytest.mark.parametrize("lengths", [[16, 17], [1024], [1025]])
def test_agrees_around_a_block_and_a_segment(lengths, window):
    agree(lengths, heads=2, rank=3, window=window)


@views
@pytest.mark.parametrize("lengths", helpers.EDGES)
def test_agrees_at_the_edges(view, lengths):
    agree(lengths, **view)


@given(
    lengths=helpers.ragged,
    window=st.none() | st.integers(0, 50),
    causal=st.booleans(),
    temperature=st.floats(0.3, 10),
)
def test_agrees_whatever_the_shape(lengths, window, causal, temperature):
    agree(lengths, heads=2, rank=3, window=window, causal=causal, temperature=temperature)


@helpers.runs_no_kernel
@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_gradients_are_finite_differences(view, temperature):
    arguments = promises.in_float64(step_backprop_example([5, 0, 1, 9], heads=3, rank=4))
    d_weights = arguments.pop("d_weights")
    view = {**view, "temperature": temperature}

    def loss(**arguments):
        return (step_reference(**arguments, **view) * d_weights).sum()

    found = step_backprop_reference(d_weights, **arguments, **view)
    found = dict(zip(NAMES, found, strict=True))
    gradients.assert_gradients(loss, arguments, found, tolerance=1e-5)


@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("heads", [1, 3])
def test_is_the_diagonal_of_the_weights_on_the_mean_over_heads(view, temperature, heads):
    arguments = step_example(helpers.LENGTHS, heads)
    view = {**view, "temperature": temperature}
    own = step_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        a = attention_weights(
            arguments["states"][first:last], arguments["query"], arguments["key"], **view
        )
        diagonal = np.diagonal(a, axis1=1, axis2=2).mean(axis=0)
        np.testing.assert_allclose(own[first:last], diagonal, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_token_that_sees_only_itself_keeps_all_and_learns_nothing(device):
    arguments = step_backprop_example([4, 1])
    backprop = backprop_step_attention(**arguments, window=0, device=device)
    d_weights = arguments.pop("d_weights")
    np.testing.assert_array_equal(step_attention(**arguments, window=0, device=device), 1)
    for gradient in backprop:
        np.testing.assert_array_equal(gradient, 0)
    assert d_weights.any()


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_equal_tokens_keep_an_even_share(device):
    arguments = step_example([4, 5])
    arguments["states"] = np.ones_like(arguments["states"])
    own = step_attention(**arguments, device=device)
    np.testing.assert_allclose(own, [1 / 4] * 4 + [1 / 5] * 5, rtol=1e-6)
    causal = step_attention(**arguments, causal=True, device=device)
    np.testing.assert_allclose(causal[:4], [1, 1 / 2, 1 / 3, 1 / 4], rtol=1e-6)


@helpers.needs_kernels
@views
def test_a_document_alone_has_the_bits_it_has_among_others(view):
    arguments = step_backprop_example(helpers.LENGTHS)
    d_states, *_ = backprop_step_attention(**arguments, **view)
    d_weights = arguments.pop("d_weights")
    own = step_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        alone = of_document(arguments, first, last)
        assert helpers.same_bits(step_attention(**alone, **view), own[first:last])
        got = backprop_step_attention(d_weights[first:last], **alone, **view)
        assert helpers.same_bits(got[0], d_states[first:last])


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(step_attention, form, step_example([3, 0, 20]), window=4)
    promises.assert_takes_any_form(
        backprop_step_attention, form, step_backprop_example([3, 0, 20]), window=4
    )


@views
def test_writes_everything(view):
    promises.assert_writes_everything(step_attention, step_example(helpers.LENGTHS), **view)
    promises.assert_writes_everything(
        backprop_step_attention, step_backprop_example(helpers.LENGTHS), **view
    )


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(step_attention, step_example([2, 1]))
    promises.assert_refuses_bad_arrays(backprop_step_attention, step_backprop_example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"starts": [0, 5]}, RangeError, "starts must begin with 0 and end .* rows, 3; got 0 and"),
        ({"states": random_floats(3, 9)}, ShapeError, r"states .* \[N, 10\], got \[3, 9\]"),
        ({"d_weights": random_floats(2)}, ShapeError, r"d_weights .* \[3\], got \[2\]"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^backprop_step_attention: {text}"):
        backprop_step_attention(**{**step_backprop_example([2, 1]), **change})
