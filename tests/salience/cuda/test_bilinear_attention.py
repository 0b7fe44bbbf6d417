import numpy as np
import pytest

from salience.ops import (
    attention_weights,
    backprop_bilinear_attention,
    bilinear_attention,
)
from salience.ops.bilinear_attention import cuda_plan

from ..ops import promises as of_the_cpu
from ..ops.attention import backprop_example, backprop_reference, example, reference, views
from .promises import assert_agrees

pytestmark = pytest.mark.gpu


@pytest.fixture(params=["small", "large"])
def tiles(request, monkeypatch):
    """Every document has tiles of this size."""
    monkeypatch.setattr(cuda_plan, "SHORT", 10**6 if request.param == "small" else 0)


def agree(lengths, heads=2, rank=3, width=4, **view):
    arguments = example(lengths, heads, rank, 5, width)
    assert_agrees(bilinear_attention, reference, arguments, **view)
    arguments = backprop_example(lengths, heads, rank, 5, width)
    assert_agrees(
        backprop_bilinear_attention, backprop_reference, arguments, **view, tolerance=1e-4
    )


@pytest.mark.parametrize("lengths", [[], [0], [0, 1, 5, 0]], ids=str)
def test_agrees_at_the_edges(lengths, tiles):
    agree(lengths)


@views
def test_agrees_with_the_reference(view):
    agree([1, 35, 0, 9], heads=1, rank=3, width=2, **view)
