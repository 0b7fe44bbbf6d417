from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import backprop_bilinear_attention
from salience.testing import random_floats

from .. import helpers
from . import gradients, promises
from .attention import (
    TEMPERATURES,
    backprop_example,
    backprop_reference,
    of_document,
    reference,
    shapes,
    views,
)

NAMES = ("states", "values", "query", "key")


def agree(arguments, **view):
    promises.assert_agrees(
        backprop_bilinear_attention, backprop_reference, arguments, **view, tolerance=2e-4
    )


@views
@shapes
def test_agrees_with_the_reference(view, heads, rank):
    agree(backprop_example([0, 1, 2, 17, 0, 33], heads, rank), **view)


@helpers.needs_speed
@views
def test_agrees_for_a_long_document_among_short_ones(view):
    agree(backprop_example(helpers.LENGTHS, heads=2, rank=3), **view)


@helpers.needs_speed
@pytest.mark.parametrize("window", [None, 7, 20])
@pytest.mark.parametrize("lengths", [[15, 16, 17], [1023], [1024], [1025]])
def test_agrees_around_a_block_and_a_segment(lengths, window):
    agree(backprop_example(lengths, heads=2, rank=3), window=window)


@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_agrees_at_any_temperature(view, temperature):
    agree(backprop_example([3, 0, 20, 33]), **view, temperature=temperature)


@views
@pytest.mark.parametrize("lengths", helpers.EDGES)
def test_agrees_at_the_edges(view, lengths):
    agree(backprop_example(lengths), **view)


@given(
    lengths=helpers.ragged,
    heads=st.sampled_from([1, 2, 3]),
    rank=st.integers(0, 9),
    window=st.none() | st.integers(0, 50),
    causal=st.booleans(),
    temperature=st.floats(0.3, 10),
)
def test_agrees_whatever_the_shape(lengths, heads, rank, window, causal, temperature):
    arguments = backprop_example(lengths, heads, rank)
    agree(arguments, window=window, causal=causal, temperature=temperature)


@pytest.mark.parametrize("sizes", [{"states": 0}, {"width": 0}, {"rank": 0}])
def test_nothing_may_be_0_wide(sizes):
    agree(backprop_example([3, 0, 2], **sizes))


@helpers.runs_no_kernel
@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_gradients_are_finite_differences(view, temperature):
    arguments = promises.in_float64(backprop_example([5, 0, 1, 9], heads=3, rank=4))
    d_outputs = arguments.pop("d_context"), arguments.pop("d_received")
    view = {**view, "temperature": temperature}

    def loss(**arguments):
        return gradients.weighted_sum(reference(**arguments, **view), d_outputs)

    found = backprop_reference(d_outputs[0], d_received=d_outputs[1], **arguments, **view)
    found = dict(zip(NAMES, found, strict=True))
    gradients.assert_gradients(loss, arguments, found, tolerance=1e-5)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_no_d_received_is_zeros(device):
    arguments = backprop_example([3, 0, 20])
    zeros = {**arguments, "d_received": np.zeros_like(arguments["d_received"])}
    want = backprop_bilinear_attention(**zeros, device=device)
    for nothing in ({}, {"d_received": None}):
        given = {name: value for name, value in arguments.items() if name != "d_received"}
        got = backprop_bilinear_attention(**given, **nothing, device=device)
        assert helpers.same_bits(got, want)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_with_a_window_of_0_only_the_values_learn(device):
    arguments = backprop_example([3, 40])
    d_states, d_values, d_query, d_key = backprop_bilinear_attention(
        **arguments, window=0, device=device
    )
    np.testing.assert_allclose(d_values, arguments["d_context"], rtol=1e-6)
    for gradient in (d_states, d_query, d_key):
        np.testing.assert_allclose(gradient, 0, atol=1e-5)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_equal_tokens_share_the_gradient_of_the_context(device):
    arguments = backprop_example([4], heads=1)
    arguments["states"] = np.ones_like(arguments["states"])
    _, d_values, _, _ = backprop_bilinear_attention(**arguments, device=device)
    mean = arguments["d_context"].mean(axis=0)
    np.testing.assert_allclose(d_values, np.tile(mean, (4, 1)), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_temperature_is_a_query_divided_by_it(temperature):
    arguments = backprop_example([3, 0, 40])
    divided = {**arguments, "query": arguments["query"] / np.float32(temperature)}
    got = backprop_bilinear_attention(**arguments, temperature=temperature)
    d_states, d_values, d_query, d_key = backprop_bilinear_attention(**divided)
    want = d_states, d_values, d_query / np.float32(temperature), d_key
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5)


@helpers.needs_kernels
@views
def test_a_document_alone_has_the_bits_it_has_among_others(view):
    arguments = backprop_example(helpers.LENGTHS)
    d_states, d_values, _, _ = backprop_bilinear_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        alone = of_document(arguments, first, last)
        got = backprop_bilinear_attention(**alone, **view)
        assert helpers.same_bits(got[:2], (d_states[first:last], d_values[first:last]))


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(
        backprop_bilinear_attention, form, backprop_example([3, 0, 20]), window=4
    )


@views
def test_writes_everything(view):
    promises.assert_writes_everything(
        backprop_bilinear_attention, backprop_example(helpers.LENGTHS), **view
    )


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(backprop_bilinear_attention, backprop_example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"starts": [0, 5]}, RangeError, "starts must begin with 0 and end .* rows, 3; got 0 and"),
        ({"d_context": random_floats(3, 8)}, ShapeError, r"d_context .* \[3, 12\], got \[3, 8\]"),
        ({"d_received": random_floats(2)}, ShapeError, r"d_received .* \[3\], got \[2\]"),
        ({"values": random_floats(3, 10)}, ShapeError, "the width of values .* 10 for 4 heads"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^backprop_bilinear_attention: {text}"):
        backprop_bilinear_attention(**{**backprop_example([2, 1]), **change})
