import numpy as np
import pytest

from salience.cuda import products, sums
from salience.ops import affine, backprop_affine
from salience.ops.affine import reference

from ..ops import test_affine, test_affine_backprop
from .promises import assert_agrees

SHAPES = [(0, 3, 2), (1, 1, 1), (5, 0, 3), (5, 3, 0), (67, 18, 9)]
shapes = pytest.mark.parametrize("shape", SHAPES)


@shapes
def test_agrees_with_the_reference(shape):
    assert_agrees(affine, reference.forward, test_affine.example(*shape))


def test_no_bias_is_a_bias_of_zeros():
    arguments = test_affine.example(5)
    del arguments["bias"]
    assert_agrees(affine, reference.forward, arguments, {"bias": np.zeros(9)})


@shapes
def test_gradients_agree_with_the_reference(shape, monkeypatch):
    monkeypatch.setattr(products, "GROUP", 20)
    monkeypatch.setattr(sums, "GROUP", 3)
    arguments = test_affine_backprop.example(*shape)
    assert_agrees(backprop_affine, reference.backprop, arguments)
