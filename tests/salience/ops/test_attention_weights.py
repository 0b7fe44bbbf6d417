import numpy as np
import pytest

from salience.errors import RangeError
from salience.ops import attention_weights, bilinear_attention
from salience.ops.bilinear_attention.reference import weights
from salience.testing import random_floats

from .. import helpers
from . import promises
from .attention import TEMPERATURES, views

LONG = max(helpers.LENGTHS)
lengths = pytest.mark.parametrize("length", sorted(set(helpers.LENGTHS)))


def example(length, heads=3, rank=5, states=10):
    return {
        "states": random_floats(length, states),
        "query": random_floats(heads, rank, states, seed=2, scale=0.5),
        "key": random_floats(heads, rank, states, seed=3, scale=0.5),
    }


def reference(states, query, key, window=None, causal=False, temperature=1.0, rows=None):
    return weights(states, query, key, window, causal, temperature, *(rows or (0, len(states))))


@views
@lengths
def test_agrees_with_the_reference(view, length):
    promises.assert_agrees(attention_weights, reference, example(length), **view)


@views
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_agrees_at_any_temperature(view, temperature):
    promises.assert_agrees(
        attention_weights, reference, example(33), **view, temperature=temperature
    )  # fmt: skip


@pytest.mark.parametrize("device", ["cpu", "reference"])
def test_a_weight_is_a_softmax_of_products(device):
    states = np.array([[0], [1], [2]], np.float32)
    two = np.full((1, 1, 1), np.log(2), np.float32)
    one = np.ones_like(two)
    a = attention_weights(states, two, one, device=device)
    np.testing.assert_allclose(
        a[0], [[1 / 3] * 3, [1 / 7, 2 / 7, 4 / 7], [1 / 21, 4 / 21, 16 / 21]], rtol=1e-6
    )
    a = attention_weights(states, two, one, temperature=2.0, device=device)
    np.testing.assert_allclose(a[0, 2], [1 / 7, 2 / 7, 4 / 7], rtol=1e-6)


@views
@lengths
def test_every_row_sums_to_1(view, length):
    a = attention_weights(**example(length), **view)
    assert a.shape == (3, length, length)
    np.testing.assert_allclose(a.sum(axis=2), 1, atol=1e-5)


@views
def test_sees_no_further_than_the_window_and_never_ahead_where_causal(view):
    a = attention_weights(**example(40), **view)
    distance = np.arange(40) - np.arange(40)[:, None]
    unseen = np.abs(distance) > (40 if view["window"] is None else view["window"])
    unseen |= view["causal"] & (distance > 0)
    assert (a[:, unseen] == 0).all()
    assert (a[:, ~unseen] > 0).all()


@helpers.needs_kernels
@views
@pytest.mark.parametrize("rows", [(0, 0), (0, 1), (5, 9), (16, 33), (33, 33), (0, 33)])
def test_rows_are_those_of_the_whole(view, rows):
    whole = attention_weights(**example(33), **view)
    part = attention_weights(**example(33), **view, rows=rows)
    assert helpers.same_bits(part, whole[:, slice(*rows)])


@views
@lengths
def test_explains_the_context_and_the_received_attention(view, length):
    arguments, values = example(length), random_floats(length, 9, seed=7)
    context, received = bilinear_attention(
        values=values, starts=[0, length], **arguments, **view
    )  # fmt: skip
    a = attention_weights(**arguments, **view)
    by_head = np.split(values, 3, axis=1)
    explained = np.concatenate([w @ x for w, x in zip(a, by_head, strict=True)], axis=1)
    np.testing.assert_allclose(context, explained, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(received, a.mean(axis=0).sum(axis=0) / max(length, 1), atol=1e-5)


@pytest.mark.parametrize("form", promises.FORMS)
def test_takes_any_form(form):
    promises.assert_takes_any_form(attention_weights, form, example(20), window=4)


def test_writes_everything():
    promises.assert_writes_everything(attention_weights, example(LONG), window=9)


def test_refuses_bad_arrays():
    promises.assert_refuses_bad_arrays(attention_weights, example(3))


@pytest.mark.parametrize("rows", [(-1, 2), (0, 4), (2, 1), (4, 4)])
def test_refuses_rows_outside_the_document(rows):
    text = f"rows must lie within the document's 3 tokens, got {rows[0]}..{rows[1]}"
    with pytest.raises(RangeError, match=f"^attention_weights: {text}"):
        attention_weights(**example(3), rows=rows)
