import numpy as np
import pytest

from ..ops.test_output_gate import each
from .promises import assert_agrees


@each
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (7, 37)])
def test_agrees_with_the_reference(op, of, arguments, shape):
    assert_agrees(op, of, arguments(*shape))


@each
@pytest.mark.parametrize("size", [1e-40, 1e30])
def test_extreme_logits_agree_with_the_reference(op, of, arguments, size):
    given = arguments(3)
    given["logits"] = np.float32(size) * np.sign(given["logits"])
    assert_agrees(op, of, given)
