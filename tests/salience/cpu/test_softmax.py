import numpy as np
import pytest

from salience.cpu.jit import OUT1, kernel
from salience.cpu.softmax import softmax as softmax_of
from salience.testing import random_floats

sizes = pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 63, 64, 65, 1000, 10_000])


@kernel(OUT1)
def softmax_in_place(row):
    softmax_of(row)


def softmax(row):
    row = np.array(row, dtype=np.float32)
    softmax_in_place(row)
    return row


@sizes
def test_softmax_agrees_with_float64(size):
    row = random_floats(size, scale=5)
    exps = np.exp(row.astype(np.float64) - row.max())
    np.testing.assert_allclose(softmax(row), exps / exps.sum(), rtol=1e-5, atol=1e-7)


@sizes
@pytest.mark.parametrize("value", [0.0, -7.5, 3e38, -3e38])
def test_softmax_of_equal_numbers_is_even(size, value):
    np.testing.assert_allclose(softmax(np.full(size, value)), 1 / size, rtol=1e-6)


@sizes
@pytest.mark.parametrize("scale", [1e3, 1e30, 3e38])
def test_softmax_of_huge_numbers_is_finite_and_sums_to_1(size, scale):
    row = np.random.default_rng(0).uniform(-scale, scale, size)
    shares = softmax(row)
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1, abs=1e-5)
    assert shares.argmax() == row.argmax()


def test_softmax_of_nothing_is_nothing():
    assert softmax([]).shape == (0,)
