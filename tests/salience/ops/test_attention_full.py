"""A full W_a: without a key, the states are their own keys."""

import numpy as np
import pytest

from salience import ops
from salience.errors import ShapeError

from .attention import TEMPERATURES, backprop_example, step_backprop_example

KINDS = [("bilinear_attention", backprop_example), ("step_attention", step_backprop_example)]

kinds = pytest.mark.parametrize(("name", "make"), KINDS)
devices = pytest.mark.parametrize("device", ["cpu", "reference"])
heads = pytest.mark.parametrize("heads", [1, 3])
VIEWS = [{"window": w, "causal": c} for w in (None, 3) for c in (False, True)]


def with_and_without(make, heads):
    """The arguments with the identity as key, those without a key, and the gradient's."""
    arguments = make([3, 0, 33], heads=heads, rank=10)
    arguments["key"] = np.tile(np.eye(10, dtype=np.float32), (heads, 1, 1))
    upstream = {name: arguments.pop(name) for name in list(arguments) if name.startswith("d_")}
    return arguments, {k: v for k, v in arguments.items() if k != "key"}, upstream


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def agree(got, want, tolerance=1e-5):
    for a, b in zip(as_tuple(got), as_tuple(want), strict=True):
        np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@kinds
@heads
@devices
@pytest.mark.parametrize("view", VIEWS)
def test_is_the_identity_for_a_key(name, make, heads, device, view):
    given, without, _ = with_and_without(make, heads)
    op = getattr(ops, name)
    agree(op(**without, **view, device=device), op(**given, **view, device=device))


@kinds
@heads
@devices
@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_has_the_gradients_of_the_identity_for_a_key(name, make, heads, device, temperature):
    given, without, upstream = with_and_without(make, heads)
    op, view = getattr(ops, f"backprop_{name}"), {"temperature": temperature, "device": device}
    *got, d_key = op(**upstream, **without, **view)
    assert d_key is None
    *want, _ = op(**upstream, **given, **view)
    agree(tuple(got), tuple(want), tolerance=2e-4)


@heads
@devices
def test_the_weights_are_those_of_the_identity_for_a_key(heads, device):
    given, without, _ = with_and_without(step_backprop_example, heads)
    del given["starts"], without["starts"]
    want = ops.attention_weights(**given, window=5, rows=(4, 20), device=device)
    agree(ops.attention_weights(**without, window=5, rows=(4, 20), device=device), want)


@kinds
def test_refuses_a_query_of_low_rank_without_a_key(name, make):
    arguments = make([2, 1], heads=4, rank=8)
    for prefix in ("", "backprop_"):
        given = {k: v for k, v in arguments.items() if k != "key"}
        if not prefix:
            given = {k: v for k, v in given.items() if not k.startswith("d_")}
        text = rf"^{prefix}{name}: without a key, .* \[heads, H, H\], got \[4, 8, 10\]"
        with pytest.raises(ShapeError, match=text):
            getattr(ops, prefix + name)(**given)
