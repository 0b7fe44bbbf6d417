from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import bilinear_attention
from salience.ops.bilinear_attention.reference import forward
from salience.testing import random_floats, random_starts

from .. import helpers
from . import promises

WINDOWS = (None, 0, 1, 7, 10**12)
OPEN = {"window": None, "causal": False}
views = pytest.mark.parametrize(
    "view", [{"window": window, "causal": causal} for window in WINDOWS for causal in (False, True)]
)


def example(lengths, heads=4, rank=8, states=10, width=12):
    return {
        "states": random_floats(sum(lengths), states),
        "values": random_floats(sum(lengths), width, seed=1),
        "starts": random_starts(lengths),
        "query": random_floats(heads, rank, states, seed=2, scale=0.5),
        "key": random_floats(heads, rank, states, seed=3, scale=0.5),
    }


@views
@pytest.mark.parametrize(("heads", "rank"), [(1, 1), (1, 8), (4, 1), (4, 8)])
def test_agrees_with_the_reference(view, heads, rank):
    arguments = example(helpers.LENGTHS, heads, rank)
    promises.assert_agrees(bilinear_attention, forward, arguments, **view, tolerance=3e-5)


@views
@pytest.mark.parametrize("lengths", helpers.EDGES)
def test_agrees_at_the_edges(view, lengths):
    promises.assert_agrees(bilinear_attention, forward, example(lengths), **view)


@given(
    lengths=helpers.ragged,
    heads=st.sampled_from([1, 2, 3]),
    rank=st.integers(0, 9),
    window=st.none() | st.integers(0, 50),
    causal=st.booleans(),
)
def test_agrees_whatever_the_shape(lengths, heads, rank, window, causal):
    promises.assert_agrees(
        bilinear_attention, forward, example(lengths, heads, rank), window=window, causal=causal
    )


@views
def test_a_document_alone_has_the_bits_it_has_among_others(view):
    arguments = example(helpers.LENGTHS)
    context, received = bilinear_attention(**arguments, **view)
    for first, last in pairwise(arguments["starts"]):
        tokens = slice(first, last)
        alone = {name: arguments[name][tokens] for name in ("states", "values")}
        own = {**arguments, **alone, "starts": [0, last - first]}
        got = bilinear_attention(**own, **view)
        assert helpers.same_bits(got, (context[tokens], received[tokens]))


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


@pytest.mark.parametrize("scale", [0.0, 1e4, 1e18])
def test_huge_or_equal_logits_stay_finite(scale):
    arguments = example([5, 33])
    arguments["states"] *= np.float32(scale)
    context, received = bilinear_attention(**arguments)
    assert np.isfinite(context).all()
    assert received[:5].sum() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(bilinear_attention, form, example([3, 0, 20]), window=4)


@views
def test_writes_everything(view):
    promises.assert_writes_everything(bilinear_attention, example(helpers.LENGTHS), **view)


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(bilinear_attention, example([2, 1]))


@pytest.mark.parametrize("window", [-1, 1.5, True, "all"])
def test_refuses_a_window_that_is_no_number_of_tokens(window):
    text = f"^bilinear_attention: window must be a whole number >= 0, got {window!r}"
    with pytest.raises(RangeError, match=text):
        bilinear_attention(**example([2, 1]), window=window)


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


def test_refuses_no_heads():
    with pytest.raises(ShapeError, match="multiple of heads; got 12 for 0 heads"):
        bilinear_attention(**example([2], heads=0))


@pytest.mark.parametrize("kind", [np.uint8, np.int8, np.uint16])
def test_a_window_may_be_any_whole_number(kind):
    states = random_floats(300, 4)
    query = random_floats(1, 2, 4)
    arguments = (states, states, random_starts([300]), query, query)
    want = bilinear_attention(*arguments, window=100)
    assert helpers.same_bits(bilinear_attention(*arguments, window=kind(100)), want)
