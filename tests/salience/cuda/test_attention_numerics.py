"""Finite in, finite out, as tests/salience/ops/test_attention_numerics.py has it of the CPU."""

import numpy as np
import pytest

from salience.ops import (
    attention_weights,
    backprop_bilinear_attention,
    bilinear_attention,
    step_attention,
)

from ..ops.attention import backprop_example, backprop_reference
from ..ops.promises import in_float64
from ..ops.test_attention_numerics import without_gradients

LENGTHS = [5, 0, 3]


def small_example(lengths=LENGTHS):
    return backprop_example(lengths, 1, 3, 4, 2)


@pytest.mark.parametrize("size", [1e-40, 1e30])
@pytest.mark.parametrize("name", ["states", "values", "query", "key"])
def test_one_extreme_input_leaves_everything_finite(name, size):
    size = min(size, 1e15) if name == "states" else size  # states meet in a logit squared
    arguments = small_example()
    arguments[name] = np.float32(size) * np.sign(arguments[name])
    context, received = bilinear_attention(**without_gradients(arguments), window=3, device="cuda")
    assert np.isfinite(context).all()
    assert received[:5].sum() == pytest.approx(1, abs=1e-5)
    for gradient in backprop_bilinear_attention(**arguments, window=3, device="cuda"):
        assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ["d_context", "d_received"])
def test_an_extreme_gradient_gives_the_reference_s(name):
    arguments, size = small_example(), 1e30
    for other in ("d_context", "d_received"):
        arguments[other] = np.float32(size if other == name else 0) * np.sign(arguments[other])
    got = backprop_bilinear_attention(**arguments, device="cuda")
    want = backprop_reference(**in_float64(arguments))
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a / size, b / size, rtol=1e-4, atol=1e-4)


def test_equal_rows_are_attended_to_alike():
    arguments = without_gradients(small_example([17]))
    for name in ("states", "values"):
        arguments[name] = np.tile(arguments[name][:1], (17, 1))
    context, received = bilinear_attention(**arguments, device="cuda")
    np.testing.assert_allclose(context, arguments["values"], rtol=1e-5)
    np.testing.assert_allclose(received, 1 / 17, rtol=1e-5)


def test_what_the_window_hides_cannot_spoil_a_gradient():
    arguments = small_example([8])
    arguments["values"][5] = 1e30
    arguments["d_context"][0] = 1e30
    for gradient in backprop_bilinear_attention(**arguments, window=1, device="cuda"):
        assert np.isfinite(gradient).all()


def test_values_of_a_document_never_reach_another():
    arguments = small_example([5, 4])
    arguments["values"][:5] = np.nan
    arguments["d_context"][:5] = np.inf
    context, _ = bilinear_attention(**without_gradients(arguments), device="cuda")
    d_states, d_values, _, _ = backprop_bilinear_attention(**arguments, device="cuda")
    for array in (context, d_states, d_values):
        assert np.isfinite(array[5:]).all()


@pytest.mark.parametrize("view", [{}, {"window": 2, "causal": True}], ids=str)
def test_logits_beyond_float32_give_the_cpu_s_results(view):
    """One document's logits are beyond it, and its gradients' products are not."""
    arguments = small_example([6, 3])
    arguments["states"][:6] *= np.float32(1e25)
    arguments["values"][:, 1] = 0
    for op, given in (
        (bilinear_attention, without_gradients(arguments)),
        (backprop_bilinear_attention, arguments),
    ):
        for a, b in zip(op(**given, **view, device="cuda"), op(**given, **view), strict=True):
            assert np.isfinite(a).all()
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4 * max(1, abs(b).max()))
    step = {k: v for k, v in without_gradients(arguments).items() if k != "values"}
    on_cpu, on_gpu = (step_attention(**step, **view, device=d) for d in ("cpu", "cuda"))
    np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)
    del step["starts"]
    on_cpu, on_gpu = (attention_weights(**step, **view, device=d) for d in ("cpu", "cuda"))
    np.testing.assert_allclose(on_gpu, on_cpu, rtol=1e-5, atol=1e-6)
