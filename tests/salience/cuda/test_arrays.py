import numpy as np
import pytest

from salience.cuda import arrays
from salience.testing import random_floats

SHAPES = [(), (0,), (1,), (129,), (3, 0), (2, 3, 4)]
shapes = pytest.mark.parametrize("shape", SHAPES, ids=str)


@shapes
@pytest.mark.parametrize(
    ("value", "dtype"), [(0, np.float32), (-1.5, np.float32), (-(2**40), np.int64)]
)
def test_full(shape, value, dtype):
    got = arrays.to_host(arrays.full(shape, value, dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.full(shape, value, dtype))


def test_zeros_and_what_is_like_another():
    np.testing.assert_array_equal(arrays.to_host(arrays.zeros(2, 3)), np.zeros((2, 3)))
    whole = arrays.zeros(4, dtype=np.int64)
    assert arrays.empty_like(whole).dtype == np.int64
    assert arrays.empty_like(whole).shape == (4,)


@shapes
def test_a_copy_there_and_back_is_the_same(shape):
    for given in (random_floats(*shape), np.full(shape, 2**40)):
        got = arrays.to_host(arrays.to_device(given))
        assert got.dtype == given.dtype
        np.testing.assert_array_equal(got, given)


def test_any_order_and_read_only_arrays_are_copied():
    given = random_floats(4, 6)
    given.setflags(write=False)
    for form in (given, given[:, ::2], given.T, given[::-1]):
        np.testing.assert_array_equal(arrays.to_host(arrays.to_device(form)), form)


def test_a_copy_is_nobody_elses():
    given = random_floats(5)
    before, there = given.copy(), arrays.to_device(given)
    given[:] = 0
    np.testing.assert_array_equal(arrays.to_host(there), before)


def test_what_is_there_stays_and_what_is_not_is_copied():
    given = random_floats(5)
    there = arrays.there(given)
    assert arrays.there(there) is there
    np.testing.assert_array_equal(arrays.to_host(there), given)
