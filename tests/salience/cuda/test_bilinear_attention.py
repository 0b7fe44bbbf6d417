import numpy as np
import pytest

from salience.ops import attention_weights, backprop_bilinear_attention, bilinear_attention
from salience.ops.bilinear_attention import cuda_plan
from salience.ops.bilinear_attention import reference as judge

from ..ops.attention import backprop_example, backprop_reference, example, of_document, reference
from .promises import assert_agrees

VIEWS = [
    {"window": None, "causal": True, "temperature": 2.5},
    {"window": 0},
    {"window": 1, "causal": True, "temperature": 0.3},
    {"window": 33},
]
views = pytest.mark.parametrize("view", VIEWS, ids=str)


def tiles(monkeypatch, size):
    """Every document has tiles of this size."""
    monkeypatch.setattr(cuda_plan, "SHORT", 0 if size == "large" else 10**12)


def agree(lengths, heads=1, rank=3, width=2, states=4, **view):
    arguments = example(lengths, heads, rank, states, width * heads)
    assert_agrees(bilinear_attention, reference, arguments, **view)
    arguments = backprop_example(lengths, heads, rank, states, width * heads)
    assert_agrees(
        backprop_bilinear_attention, backprop_reference, arguments, **view, tolerance=1e-4
    )


@pytest.mark.parametrize("lengths", [[], [0, 0]], ids=str)
def test_nothing_gives_nothing(lengths):
    agree(lengths)


@views
def test_agrees_with_the_reference(view, monkeypatch):
    tiles(monkeypatch, "small")
    agree([1, 0, 35], **view)


@pytest.mark.parametrize("view", [{}, {"window": 5, "causal": True}], ids=str)
def test_agrees_in_large_tiles(view, monkeypatch):
    tiles(monkeypatch, "large")
    agree([66], **view)


@pytest.mark.parametrize(
    ("heads", "rank", "width"), [(2, 0, 3), (3, 17, 0), (2, 3, 65), (1, 66, 1)]
)
def test_agrees_whatever_the_shape(heads, rank, width):
    agree([5, 1], heads, rank, width)


@pytest.mark.parametrize("heads", [1, 2])
def test_agrees_without_a_key(heads):
    width = 2 * heads
    forward, back = (f([3, 2], heads, 4, 4, width) for f in (example, backprop_example))
    for arguments in (forward, back):
        arguments["key"] = None
    assert_agrees(bilinear_attention, reference, forward, temperature=2.0)
    assert_agrees(
        backprop_bilinear_attention, backprop_reference, back, tolerance=1e-4, temperature=2.0
    )


def test_documents_of_both_sizes_have_the_bits_they_have_alone(monkeypatch):
    monkeypatch.setattr(cuda_plan, "SHORT", 6)
    lengths = [3, 7, 0, 2]
    arguments = backprop_example(lengths, 1, 3, 4, 2)
    d_states, d_values, *_ = backprop_bilinear_attention(**arguments, device="cuda")
    del arguments["d_context"], arguments["d_received"]
    context, received = bilinear_attention(**arguments, device="cuda")
    alone = backprop_example(lengths, 1, 3, 4, 2)
    for first, last in ((0, 3), (3, 10), (10, 12)):
        results = backprop_bilinear_attention(**of_document(alone, first, last), device="cuda")
        for one, all_of_it in zip(results, (d_states, d_values), strict=False):
            np.testing.assert_array_equal(one, all_of_it[first:last])
        results = bilinear_attention(**of_document(arguments, first, last), device="cuda")
        for one, all_of_it in zip(results, (context, received), strict=True):
            np.testing.assert_array_equal(one, all_of_it[first:last])


@pytest.mark.parametrize("rows", [None, (2, 5), (4, 4)])
@pytest.mark.parametrize("view", [{}, {"window": 1}, {"window": 20, "causal": True}], ids=str)
def test_weights_agree(rows, view):
    def weights(states, query, key, window=None, causal=False, rows=None):
        return judge.weights(states, query, key, window, causal, 1.0, *(rows or (0, len(states))))

    arguments = example([7], 2, 3, 4)
    del arguments["values"], arguments["starts"]
    assert_agrees(attention_weights, weights, arguments, **view, rows=rows)
