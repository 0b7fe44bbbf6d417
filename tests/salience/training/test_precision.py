"""How a table is stored: how near it stays, and what it weighs."""

import numpy as np
import pytest

from salience.errors import RangeError
from salience.model.parameters import WordTable
from salience.model.scale import fitting_scale, with_scale
from salience.testing import random_floats, random_weights
from salience.training.precision import quantise, stored


@pytest.mark.parametrize("scale", [1e-6, 1, 1e6])
def test_quantised_rows_are_within_half_a_step(scale):
    table = random_floats(50, 16, scale=scale)
    table[3] = 0
    rows, steps = quantise(table)
    assert rows.dtype == np.int8
    assert (np.abs(rows[np.arange(50) != 3]).max(axis=1) == 127).all()
    error = np.abs(rows * steps[:, None] - table)
    assert (error <= steps[:, None] * 0.5001).all()
    assert not rows[3].any()


@pytest.mark.parametrize(
    ("precision", "error"), [("int8", 0.01), ("float16", 1e-3), ("float32", 0)]
)
def test_a_model_is_nearly_the_same_in_any_precision(precision, error):
    weights = random_weights(["the", "cat"])
    found = stored(weights, precision)
    assert found.tensors["table"].dtype == precision
    table = WordTable(found).table()
    np.testing.assert_allclose(table, weights.tensors["table"], atol=error)
    scale = fitting_scale(weights.tensors["table"])
    assert found.settings == with_scale(weights, scale).settings


def test_another_precision_is_refused():
    with pytest.raises(RangeError, match="precision must be one of int8, float16, float32; got 4"):
        stored(random_weights(["the"]), 4)
