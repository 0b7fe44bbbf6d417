"""Finite in, finite out, where logits and the products in a gradient fit in float32."""

import numpy as np
import pytest

from salience.ops import (
    attention_weights,
    backprop_bilinear_attention,
    bilinear_attention,
    step_attention,
)

from .. import helpers
from . import promises
from .attention import backprop_example, backprop_reference, views

INPUTS = ("states", "values", "query", "key")
SIZES = (1e-45, 1e-40, 1e-20, 1e15, 1e30)
LONGEST = 17 if helpers.numba.config.DISABLE_JIT else 33


def extreme(name, size, equal):
    """An example in which one array holds only +-size, or only size."""
    arguments = backprop_example([5, 0, LONGEST], rank=3)
    signs = np.ones_like(arguments[name]) if equal else np.sign(arguments[name])
    return {**arguments, name: np.float32(size) * signs}


def without_gradients(arguments):
    return {name: value for name, value in arguments.items() if not name.startswith("d_")}


@views
@pytest.mark.parametrize("equal", [False, True])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", INPUTS)
def test_one_extreme_input_leaves_everything_finite(name, size, equal, view):
    if name == "states" and size > 1e18:
        size = 1e15  # states meet in a logit squared
    arguments = extreme(name, size, equal)
    context, received = bilinear_attention(**without_gradients(arguments), **view)
    assert np.isfinite(context).all()
    assert received[:5].sum() == pytest.approx(1, abs=1e-5)
    for gradient in backprop_bilinear_attention(**arguments, **view):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [2, 3, 0, 1]])
def test_a_logit_that_float32_cannot_sum_up_is_summed_up(order):
    # The terms of the first logit fit in float32, and so does their sum, but not all partial ones.
    queries, keys = np.hsplit(np.eye(8, dtype=np.float32), 2)
    states = np.zeros((2, 8), dtype=np.float32)
    states[0, :4], states[0, 4:] = 1e19, np.float32([-2e19, -2e19, 3e19, 3e19])[order]
    states[1, 4] = 1
    weights = attention_weights(states, queries.T[None].copy(), keys.T[None].copy())
    np.testing.assert_allclose(weights[0, 0], [1, 0], atol=1e-30)


@views
@pytest.mark.parametrize("size", [1e-30, 1e15, 1e30])
@pytest.mark.parametrize("name", ["d_context", "d_received"])
def test_an_extreme_gradient_gives_the_reference_s(name, size, view):
    arguments = extreme(name, size, equal=False)
    other = {"d_context": "d_received", "d_received": "d_context"}[name]
    arguments[other] = np.zeros_like(arguments[other])
    got = backprop_bilinear_attention(**arguments, **view)
    want = backprop_reference(**promises.in_float64(arguments), **view)
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a / size, b / size, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("scale", [0.0, 1e4, 1e18])
def test_huge_or_equal_logits_stay_finite(scale):
    arguments = without_gradients(backprop_example([5, 33]))
    arguments["states"] *= np.float32(scale)
    context, received = bilinear_attention(**arguments)
    assert np.isfinite(context).all()
    assert received[:5].sum() == pytest.approx(1, abs=1e-5)
    own = step_attention(**{k: v for k, v in arguments.items() if k != "values"})
    assert ((own >= 0) & (own <= 1 + 1e-6)).all()


@pytest.mark.parametrize("tokens", [2, 3, 16, 17, 100])
def test_equal_rows_are_attended_to_alike(tokens):
    arguments = backprop_example([tokens])
    for name in ("states", "values"):
        arguments[name] = np.tile(arguments[name][:1], (tokens, 1))
    context, received = bilinear_attention(**without_gradients(arguments))
    np.testing.assert_allclose(context, arguments["values"], rtol=1e-5)
    np.testing.assert_allclose(received, 1 / tokens, rtol=1e-5)
    arguments["d_received"] = np.zeros(tokens, np.float32)
    d_states, _, d_query, d_key = backprop_bilinear_attention(**arguments)
    for gradient in (d_states, d_query, d_key):  # whichever token is attended to, c is the same
        np.testing.assert_allclose(gradient, 0, atol=1e-4)


def test_what_the_window_hides_cannot_spoil_a_gradient():
    arguments = backprop_example([8], heads=1)
    arguments["values"][5] = 1e30
    arguments["d_context"][0] = 1e30
    for gradient in backprop_bilinear_attention(**arguments, window=1):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("temperature", [1e-6, 1e6])
def test_an_extreme_temperature_leaves_everything_finite(temperature):
    arguments = backprop_example([5, 0, 33])
    forward = bilinear_attention(**without_gradients(arguments), temperature=temperature)
    gradients = backprop_bilinear_attention(**arguments, temperature=temperature)
    for array in (*forward, *gradients):
        assert np.isfinite(array).all()


def test_values_of_a_document_never_reach_another():
    arguments = backprop_example([5, 4])
    arguments["values"][:5] = np.nan
    arguments["d_context"][:5] = np.inf
    context, _ = bilinear_attention(**without_gradients(arguments))
    d_states, d_values, _, _ = backprop_bilinear_attention(**arguments)
    for array in (context, d_states, d_values):
        assert np.isfinite(array[5:]).all()


@pytest.mark.parametrize("window", [None, 3])
def test_logits_beyond_float32_still_have_a_softmax(window):
    arguments = backprop_example([20], heads=2)
    arguments["states"] = arguments["states"] * np.float32(1e30)
    h, matrices = arguments["states"].astype(np.float64), (arguments["query"], arguments["key"])
    weights = attention_weights(arguments["states"], *matrices, window=window)
    for head, (query, key) in enumerate(zip(*matrices, strict=True)):
        logits = (h @ query.T) @ (h @ key.T).T
        far = abs(np.subtract.outer(range(20), range(20))) > (20 if window is None else window)
        logits[far] = -np.inf
        np.testing.assert_array_equal(weights[head].argmax(axis=1), logits.argmax(axis=1))
    np.testing.assert_allclose(weights.sum(axis=2), 1, rtol=1e-6)
    for gradient in backprop_bilinear_attention(**arguments, window=window):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("view", [{"causal": True}, {"window": 20}])
@pytest.mark.parametrize("value", [np.inf, -1e-45])
def test_what_is_hidden_does_not_depend_on_longer_documents_beside(view, value):
    arguments = without_gradients(backprop_example([60, 240], heads=1))
    arguments["states"][:] = 0
    arguments["values"][:] = 0
    arguments["values"][50 if value > 0 else slice(20)] = value
    both, _ = bilinear_attention(**arguments, **view)
    for name in ("states", "values"):
        arguments[name] = arguments[name][:60]
    alone, _ = bilinear_attention(**{**arguments, "starts": [0, 60]}, **view)
    assert alone.tobytes() == both[:60].tobytes()
