import pytest

from salience.ops import backprop_fusion, fusion
from salience.ops.fusion import reference

from ..ops import test_fusion, test_fusion_backprop
from .promises import assert_agrees

SHAPES = [(0, 3, 2), (1, 1, 1), (5, 0, 3), (5, 3, 0), (65, 66, 17), (16, 2, 33)]
shapes = pytest.mark.parametrize("shape", SHAPES)


@shapes
def test_agrees_with_the_reference(shape):
    assert_agrees(fusion, reference.forward, test_fusion.example(*shape))


@shapes
def test_gradients_agree_with_the_reference(shape):
    assert_agrees(backprop_fusion, reference.backprop, test_fusion_backprop.example(*shape))
