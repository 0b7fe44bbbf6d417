from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, ShapeError
from salience.ops import pooling
from salience.ops.pooling.reference import forward
from salience.testing import random_floats, random_starts

from .. import helpers
from . import promises


def example(lengths, width=13):
    return {
        "vectors": random_floats(sum(lengths), width),
        "query": random_floats(width, seed=1),
        "weights": random_floats(sum(lengths), seed=2),
        "starts": random_starts(lengths),
    }


@pytest.mark.parametrize("lengths", [helpers.LENGTHS, *helpers.EDGES])
def test_agrees_with_the_reference(lengths):
    promises.assert_agrees(pooling, forward, example(lengths))


@given(lengths=helpers.ragged, width=st.integers(0, 40))
def test_agrees_whatever_the_shape(lengths, width):
    promises.assert_agrees(pooling, forward, example(lengths, width))


def test_a_document_alone_has_the_bits_it_has_among_others():
    arguments = example(helpers.LENGTHS)
    salience, documents = pooling(**arguments)
    for b, (first, last) in enumerate(pairwise(arguments["starts"])):
        tokens = slice(first, last)
        alone = {name: arguments[name][tokens] for name in ("vectors", "weights")}
        got = pooling(**{**arguments, **alone, "starts": [0, last - first]})
        assert helpers.same_bits(got, (salience[tokens], documents[b : b + 1]))


def test_salience_sums_to_1_over_a_document_and_an_empty_one_is_zeros():
    arguments = example(helpers.LENGTHS)
    salience, documents = pooling(**arguments)
    for b, (first, last) in enumerate(pairwise(arguments["starts"])):
        assert salience[first:last].sum() == pytest.approx(float(last > first), abs=1e-5)
        assert documents[b].any() == (last > first)


@pytest.mark.parametrize("logit", [0.0, -3e38, 3e38])
def test_equal_logits_however_large_share_evenly(logit):
    arguments = {**example([8]), "weights": np.full(8, logit, np.float32)}
    arguments["vectors"] = np.zeros_like(arguments["vectors"])
    salience, _ = pooling(**arguments)
    np.testing.assert_allclose(salience, 1 / 8, rtol=1e-6)


def test_a_huge_logit_takes_all_without_an_overflow():
    arguments = {**example([3]), "weights": np.array([-3e38, 3e38, 0], np.float32)}
    salience, documents = pooling(**arguments)
    np.testing.assert_allclose(salience, [0, 1, 0], atol=1e-6)
    np.testing.assert_allclose(documents[0], arguments["vectors"][1], rtol=1e-5)


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(pooling, form, example([3, 0, 20]))


def test_writes_everything():
    promises.assert_writes_everything(pooling, example(helpers.LENGTHS))


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(pooling, example([2, 1]))


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"query": random_floats(12)}, ShapeError, r"query must .* \[13\], got \[12\]"),
        ({"weights": random_floats(2)}, ShapeError, r"weights must .* \[3\], got \[2\]"),
        ({"starts": [1, 3]}, RangeError, "starts must begin with 0 and .*; got 1 and 3"),
    ],
)
def test_refuses_what_does_not_fit(change, error, text):
    with pytest.raises(error, match=f"^pooling: {text}"):
        pooling(**{**example([2, 1]), **change})


def test_logits_beyond_float32_still_have_a_softmax():
    vectors = np.array([[1e20, 0], [0, 1], [1, 1]], dtype=np.float32)
    query = np.array([1e20, 1], dtype=np.float32)
    salience, documents = pooling(vectors, query, np.zeros(3, np.float32), [0, 3])
    np.testing.assert_allclose(salience, [1, 0, 0], atol=1e-30)
    np.testing.assert_allclose(documents[0], vectors[0], atol=1e-30)


def test_a_token_of_weight_minus_infinity_has_no_salience():
    arguments = example([5, 3])
    arguments["weights"][[1, 2, 6]] = -np.inf
    promises.assert_agrees(pooling, forward, arguments)
    salience, _ = pooling(**arguments)
    assert (salience[[1, 2, 6]] == 0).all()
