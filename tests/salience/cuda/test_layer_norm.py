import numpy as np
import pytest

from salience.cuda import sums

from ..ops.test_layer_norm import each
from .promises import assert_agrees


@each
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (1, 1), (7, 37)])
def test_agrees_with_the_reference(op, of, arguments, shape, monkeypatch):
    monkeypatch.setattr(sums, "GROUP", 3)
    assert_agrees(op, of, arguments(*shape), tolerance=2e-5)


@each
@pytest.mark.parametrize("size", [1e-40, 1e18])
def test_rows_of_any_size_agree_with_the_reference(op, of, arguments, size):
    given = arguments(3)
    given["x"] = np.float32(size) * given["x"]
    assert_agrees(op, of, given, tolerance=2e-5 if size > 1 else 5e-3)


@each
@pytest.mark.parametrize("number", [0.1, -1e6, 1e18])
def test_rows_of_equal_numbers_agree_with_the_reference(op, of, arguments, number):
    given = arguments(3)
    given["x"] = np.full_like(given["x"], number)
    assert_agrees(op, of, given, tolerance=5e-3)
