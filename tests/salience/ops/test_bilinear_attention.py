from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import bilinear_attention
from salience.testing import random_floats, random_starts

from .. import helpers
from . import promises
from .attention import TEMPERATURES, example, of_document, reference, shapes, views


@views
@shapes
def test_agrees_with_the_reference(view, heads, rank):
    arguments = example([0, 1, 2, 17, 0, 33], heads, rank)
    promises.assert_agrees(bilinear_attention, reference, arguments, **view, tolerance=3e-5)


@views
def test_agrees_for_a_long_document_among_short_ones(view):
    arguments = example(helpers.LENGTHS)
    promises.assert_agrees(bilinear_attention, reference, arguments, **view, tolerance=3e-5)


@helpers.needs_speed
@pytest.mark.parametrize("window", [None, 7])
@pytest.mark.parametrize("lengths", [[16, 17, 15], [1023], [1024], [1025]])
def test_agrees_around_a_block_and_a_segment(lengths, window):
    arguments = example(lengths, heads=2, rank=3)
    promises.assert_agrees(
        bilinear_attention, reference, arguments, window=window, tolerance=3e-5
    )  # fmt: skip


@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_agrees_at_any_temperature(view, temperature):
    arguments = example([3, 0, 20, 33])
    promises.assert_agrees(
        bilinear_attention, reference, arguments, **view, temperature=temperature, tolerance=5e-5
    )


@views
@pytest.mark.parametrize("lengths", helpers.EDGES)
def test_agrees_at_the_edges(view, lengths):
    promises.assert_agrees(bilinear_attention, reference, example(lengths), **view)


@given(
    lengths=helpers.ragged,
    heads=st.sampled_from([1, 2, 3]),
    rank=st.integers(0, 9),
    window=st.none() | st.integers(0, 50),
    causal=st.booleans(),
    temperature=st.floats(0.3, 10),
)
def test_agrees_whatever_the_shape(lengths, heads, rank, window, causal, temperature):
    promises.assert_agrees(
        bilinear_attention, reference, example(lengths, heads, rank),
        window=window, causal=causal, temperature=temperature, tolerance=5e-5,
    )  # fmt: skip


@pytest.mark.parametrize("device", ["cpu", "reference"])
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_a_temperature_is_a_query_divided_by_it(temperature, device):
    arguments = example(helpers.LENGTHS)
    divided = {**arguments, "query": arguments["query"] / np.float32(temperature)}
    got = bilinear_attention(**arguments, temperature=temperature, device=device)
    for a, b in zip(got, bilinear_attention(**divided, device=device), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)


def test_tokens_mix_evenly_where_it_is_hot_and_not_at_all_where_it_is_cold():
    arguments = example([5], heads=1)
    arguments["states"] = np.float32(4) * np.eye(5, 10, dtype=np.float32)
    arguments["query"] = arguments["key"] = np.eye(10, dtype=np.float32)[None]
    hot, _ = bilinear_attention(**arguments, temperature=1e6)
    np.testing.assert_allclose(hot, np.tile(arguments["values"].mean(axis=0), (5, 1)), rtol=1e-3)
    cold, _ = bilinear_attention(**arguments, temperature=1e-3)
    np.testing.assert_allclose(cold, arguments["values"], rtol=1e-6)


@views
def test_a_document_alone_has_the_bits_it_has_among_others(view):
    arguments = example(helpers.LENGTHS)
    context, received = bilinear_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        got = bilinear_attention(**of_document(arguments, first, last), **view)
        assert helpers.same_bits(got, (context[first:last], received[first:last]))


@views
def test_received_sums_to_1_over_a_document(view):
    arguments = example(helpers.LENGTHS)
    _, received = bilinear_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        assert received[first:last].sum() == pytest.approx(float(last > first), abs=1e-5)
    assert (received >= 0).all()


def test_a_window_of_0_gives_back_the_values():
    arguments = example([3, 40])
    context, received = bilinear_attention(**arguments, window=0)
    np.testing.assert_array_equal(context, arguments["values"])
    np.testing.assert_array_equal(received[:3], np.float32(1 / 3))


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(bilinear_attention, form, example([3, 0, 20]), window=4)


@views
def test_writes_everything(view):
    promises.assert_writes_everything(bilinear_attention, example(helpers.LENGTHS), **view)


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(bilinear_attention, example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"starts": [0, 5]}, RangeError, "starts must begin with 0 and end .* rows, 3; got 0 and"),
        (
            {"values": random_floats(3, 10)},
            ShapeError,
            "the width of values must be a multiple of heads; got 10 for 4 heads",
        ),
        ({"key": random_floats(4, 7, 10)}, ShapeError, r"key .* shape \[4, 8, 10\], got \[4, 7, 1"),
        ({"values": random_floats(2, 12)}, ShapeError, r"values .* shape \[3, D\], got \[2, 12\]"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^bilinear_attention: {text}"):
        bilinear_attention(**{**example([2, 1]), **change})


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16])
def test_a_window_may_be_any_whole_number(kind):
    states = random_floats(150, 4)
    query = random_floats(1, 2, 4)
    arguments = (states, states, random_starts([150]), query, query)
    want = bilinear_attention(*arguments, window=100)
    assert helpers.same_bits(bilinear_attention(*arguments, window=kind(100)), want)


def test_a_window_may_be_longer_than_any_document():
    want = bilinear_attention(**example([9, 3]), window=None)
    for window in (9, 10**30):
        assert helpers.same_bits(bilinear_attention(**example([9, 3]), window=window), want)


@pytest.mark.parametrize("kind", [int, np.int8, np.float16, np.float32, np.float64])
def test_a_temperature_may_be_any_real_number(kind):
    want = bilinear_attention(**example([9]), temperature=2.0)
    assert helpers.same_bits(bilinear_attention(**example([9]), temperature=kind(2)), want)
