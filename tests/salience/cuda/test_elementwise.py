import numpy as np
import pytest

from salience import ops
from salience.ops.elementwise import reference
from salience.testing import random_floats

from .promises import assert_agrees

NAMES = ("exp", "tanh", "sigmoid")
each = pytest.mark.parametrize("name", NAMES)


@each
@pytest.mark.parametrize("shape", [(), (0,), (1,), (129,), (2, 3, 4), (3, 0, 2)])
def test_agrees_with_the_reference_in_any_shape(name, shape):
    x = random_floats(*shape, scale=3)
    assert_agrees(getattr(ops, name), getattr(reference, name), {"x": x}, tolerance=1e-6)
    back, y = f"backprop_{name}", np.asarray(getattr(reference, name)(x))
    arguments = {"d_y": random_floats(*shape, seed=1), "y": y}
    assert_agrees(getattr(ops, back), getattr(reference, back), arguments, tolerance=1e-6)


@each
def test_is_finite_wherever_the_reference_is_and_keeps_nan(name):
    x = np.float32([-np.inf, -3e38, -90, -1e-40, 0, 1e-40, 90, 3e38, np.inf, np.nan])
    assert_agrees(getattr(ops, name), getattr(reference, name), {"x": x}, tolerance=1e-6)
