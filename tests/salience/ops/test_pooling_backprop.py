from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import backprop_pooling, pooling
from salience.ops.pooling import reference
from salience.testing import random_floats, random_starts

from .. import helpers
from . import gradients, promises

NAMES = ("vectors", "query", "weights")


def inputs(lengths, width=13):
    return {
        "vectors": random_floats(sum(lengths), width),
        "query": random_floats(width, seed=1),
        "weights": random_floats(sum(lengths), seed=2),
        "starts": random_starts(lengths),
    }


def backprop_of(arguments):
    """What backprop_pooling takes for what pooling takes."""
    salience, documents = pooling(**arguments)
    return {
        "d_documents": random_floats(*documents.shape, seed=3),
        "d_salience": random_floats(len(salience), seed=4),
        "salience": salience,
        **{name: arguments[name] for name in ("vectors", "query", "starts")},
    }


def example(lengths, width=13):
    return backprop_of(inputs(lengths, width))


def agree(*sizes):
    promises.assert_agrees(backprop_pooling, reference.backprop, example(*sizes), tolerance=3e-5)


@pytest.mark.parametrize("lengths", [helpers.LENGTHS, *helpers.EDGES, [5000]])
def test_agrees_with_the_reference(lengths):
    agree(lengths)


@given(lengths=helpers.ragged, width=st.integers(0, 40))
def test_agrees_whatever_the_shape(lengths, width):
    agree(lengths, width)


@helpers.runs_no_kernel
def test_gradients_are_finite_differences():
    arguments = promises.in_float64(inputs([5, 0, 1, 9], width=6))
    salience, documents = reference.forward(**arguments)
    rng = np.random.default_rng(5)
    d_outputs = rng.standard_normal(salience.shape), rng.standard_normal(documents.shape)

    def loss(**arguments):
        return gradients.weighted_sum(reference.forward(**arguments), d_outputs)

    given = {name: arguments[name] for name in ("vectors", "query", "starts")}
    found = reference.backprop(d_outputs[1], d_outputs[0], salience, **given)
    gradients.assert_gradients(loss, arguments, dict(zip(NAMES, found, strict=True)))


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_two_even_tokens_by_hand(device):
    vectors, query = np.float32([[1], [3]]), np.float32([0])
    salience, documents = pooling(vectors, query, np.float32([5, 5]), [0, 2], device=device)
    np.testing.assert_allclose(salience, [1 / 2, 1 / 2])
    np.testing.assert_allclose(documents, [[2]])
    d_vectors, d_query, d_weights = backprop_pooling(
        np.float32([[4]]), salience, vectors, query, [0, 2], device=device
    )
    np.testing.assert_allclose(d_vectors, [[2], [2]])  # p = 4 and 12, of mean 8; z = -2 and 2
    np.testing.assert_allclose(d_weights, [-2, 2])
    np.testing.assert_allclose(d_query, [4])


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_no_d_salience_is_zeros(device):
    arguments = example([3, 0, 20])
    zeros = np.zeros_like(arguments.pop("d_salience"))
    want = backprop_pooling(**arguments, d_salience=zeros, device=device)
    for nothing in ({}, {"d_salience": None}):
        assert helpers.same_bits(backprop_pooling(**arguments, **nothing, device=device), want)


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_token_alone_in_its_document_passes_everything_on(device):
    arguments = example([1, 1, 1])
    d_vectors, d_query, d_weights = backprop_pooling(**arguments, device=device)
    np.testing.assert_array_equal(d_vectors, arguments["d_documents"])
    assert not d_query.any()
    assert not d_weights.any()


def test_the_logits_of_a_document_share_out_nothing():
    arguments = example([3, 0, 20, 40])
    _, _, d_weights = backprop_pooling(**arguments)
    for first, last in pairwise(arguments["starts"]):
        assert d_weights[first:last].sum() == pytest.approx(0, abs=1e-5)


def test_a_document_alone_has_the_bits_it_has_among_others():
    arguments = example(helpers.LENGTHS)
    d_vectors, _, d_weights = backprop_pooling(**arguments)
    for b, (first, last) in enumerate(pairwise(arguments["starts"])):
        by_token = ("vectors", "salience", "d_salience")
        alone = {name: arguments[name][first:last] for name in by_token}
        alone["d_documents"] = arguments["d_documents"][b : b + 1]
        got = backprop_pooling(**{**arguments, **alone, "starts": [0, last - first]})
        assert helpers.same_bits((got[0], got[2]), (d_vectors[first:last], d_weights[first:last]))


# The gradient of the query is a sum of products of two vectors, which are to be
# float32 numbers: so equal vectors, of which the sum is to cancel, go to 1e15 only.
@pytest.mark.parametrize(
    ("size", "equal"), [(1e-45, True), (1e15, True), (1e-40, False), (1e30, False)]
)
@pytest.mark.parametrize("name", NAMES)
def test_one_extreme_input_leaves_everything_finite(name, size, equal):
    arguments = inputs([3, 0, 7])
    signs = np.ones_like(arguments[name]) if equal else np.sign(arguments[name])
    arguments[name] = np.float32(size) * signs
    salience, documents = pooling(**arguments)
    assert salience[:3].sum() == pytest.approx(1, abs=1e-6)
    assert np.isfinite(documents).all()
    for gradient in backprop_pooling(**backprop_of(arguments)):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("size", [1e-45, 1e-40, 1e30])
@pytest.mark.parametrize("name", ["d_documents", "d_salience"])
def test_an_extreme_gradient_leaves_everything_finite(name, size):
    arguments = example([3, 0, 7])
    arguments[name] = np.float32(size) * np.sign(arguments[name])
    for gradient in backprop_pooling(**arguments):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(backprop_pooling, form, example([3, 0, 20]))


def test_writes_everything():
    promises.assert_writes_everything(backprop_pooling, example(helpers.LENGTHS))


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(backprop_pooling, example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"query": random_floats(12)}, ShapeError, r"query must .* \[13\], got \[12\]"),
        ({"salience": random_floats(2)}, ShapeError, r"salience must .* \[3\], got \[2\]"),
        ({"d_salience": random_floats(2)}, ShapeError, r"d_salience must .* \[3\], got \[2\]"),
        ({"d_documents": random_floats(1, 13)}, ShapeError, r"d_documents .* \[2, 13\], got \[1,"),
        ({"starts": [1, 3]}, RangeError, "starts must begin with 0 and .*; got 1 and 3"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^backprop_pooling: {text}"):
        backprop_pooling(**{**example([2, 1]), **change})
