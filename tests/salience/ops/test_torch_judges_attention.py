"""PyTorch's attention, with the bilinear form folded into the query, and its gradients."""

from itertools import pairwise

import numpy as np
import pytest

from salience import ops

from .attention import backprop_example, step_backprop_example

torch = pytest.importorskip("torch", reason="PyTorch is the judge, and is never required")
attend = torch.nn.functional.scaled_dot_product_attention

NAMES = ("states", "values", "query", "key")

views = pytest.mark.parametrize(
    "view",
    [
        {"window": window, "causal": causal, "temperature": temperature}
        for window, causal in [(None, False), (None, True), (0, False), (3, False), (7, True)]
        for temperature in (0.3, 1.0, 2.5)
    ],
)
heads = pytest.mark.parametrize("heads", [1, 2, 4])


def leaves(arguments, names):
    return {name: torch.from_numpy(arguments[name]).double().requires_grad_() for name in names}


def seen_from(tokens, window, causal):
    seen = torch.ones(tokens, tokens, dtype=torch.bool)
    if window is not None:
        seen = seen.tril(window).triu(-window)
    return seen.tril() if causal else seen


def judge(starts, view, states, values, query, key):
    """Context, received and own attention, as scaled_dot_product_attention has them.

    The weights themselves are what it gives for values that are the identity.
    """
    contexts, received, own = [], [], []
    for first, last in pairwise(starts):
        h, tokens, count = states[first:last], int(last - first), len(query)
        folded = h @ query.transpose(1, 2) @ key  # h'Q'K of each head, against h itself
        keys = h.expand(count, *h.shape)
        mask = seen_from(tokens, view["window"], view["causal"])
        named = {"attn_mask": mask, "scale": 1 / view["temperature"]}
        x = values[first:last].reshape(tokens, count, -1).transpose(0, 1)
        context = attend(folded, keys, x, **named)
        contexts.append(context.transpose(0, 1).reshape(tokens, -1))
        eye = torch.eye(tokens, dtype=torch.double).expand(count, tokens, tokens)
        a = attend(folded, keys, eye, **named)
        received.append(a.mean(dim=(0, 1)))
        own.append(a.diagonal(dim1=1, dim2=2).mean(dim=0))
    return torch.cat(contexts), torch.cat(received), torch.cat(own)


def agree(got, want, tolerance=1e-4):
    for a, b in zip(got, want, strict=True):
        np.testing.assert_allclose(a, b.detach().numpy(), rtol=tolerance, atol=tolerance)


@views
@heads
@pytest.mark.parametrize("with_received", [False, True])
def test_bilinear_attention_is_attention_with_its_form_in_the_query(heads, view, with_received):
    arguments = backprop_example([33, 1, 17], heads, rank=5)
    d_outputs = [arguments.pop("d_context"), arguments.pop("d_received")]
    inputs = leaves(arguments, NAMES)
    want = judge(arguments["starts"], view, **inputs)[:2]
    agree(ops.bilinear_attention(**arguments, **view), want)
    named = {"d_received": d_outputs[1]} if with_received else {}
    got = ops.backprop_bilinear_attention(d_outputs[0], **arguments, **named, **view)
    d_outputs = [torch.from_numpy(d).double() for d in d_outputs]
    d_outputs[1] *= with_received
    agree(got, torch.autograd.grad(want, list(inputs.values()), d_outputs))


@views
@heads
def test_step_attention_is_the_diagonal(heads, view):
    arguments = step_backprop_example([33, 1, 17], heads, rank=5)
    d_weights = arguments.pop("d_weights")
    inputs = leaves(arguments, ("states", "query", "key"))
    values = torch.zeros(51, heads, dtype=torch.double)
    want = judge(arguments["starts"], view, values=values, **inputs)[2]
    agree([ops.step_attention(**arguments, **view)], [want])
    d_want = torch.from_numpy(d_weights).double()
    got = ops.backprop_step_attention(d_weights, **arguments, **view)
    agree(got, torch.autograd.grad(want, list(inputs.values()), d_want))


@views
@heads
def test_a_full_w_a_is_the_query_alone(heads, view):
    arguments = backprop_example([33, 1, 17], heads, rank=10)
    del arguments["key"], arguments["d_received"]
    d_context = arguments.pop("d_context")
    inputs = leaves(arguments, ("states", "values", "query"))
    key = torch.eye(10, dtype=torch.double).expand(heads, 10, 10)
    want = judge(arguments["starts"], view, **inputs, key=key)[:2]
    agree(ops.bilinear_attention(**arguments, **view), want)
    *got, d_key = ops.backprop_bilinear_attention(d_context, **arguments, **view)
    assert d_key is None
    d_want = torch.from_numpy(d_context).double()
    agree(got, torch.autograd.grad(want[0], list(inputs.values()), d_want))
