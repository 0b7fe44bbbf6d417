"""The sort and the running sums that gradients of table rows rest on."""

import numpy as np
import pytest

from salience.cuda import arrays, running_sums
from salience.cuda.sorting import sort

LENGTHS = [0, 1, 130, 1025, 2500]


@pytest.mark.parametrize("length", [0, 1, 33, running_sums.PER_BLOCK, running_sums.PER_BLOCK + 1])
def test_running_sums(length):
    numbers = np.random.default_rng(0).integers(0, 2**40, length)
    got = arrays.to_host(running_sums.sums_before(arrays.to_device(numbers)))
    np.testing.assert_array_equal(got, np.cumsum(numbers) - numbers)


@pytest.mark.parametrize("length", LENGTHS)
def test_sorts_by_some_bits_and_keeps_equals_in_order(length):
    numbers = np.random.default_rng(0).integers(0, 2**7, length)
    keys = (numbers << 20) | np.arange(length)[::-1]
    got = arrays.to_host(sort(arrays.to_device(keys), 20, 7))
    np.testing.assert_array_equal(got, keys[np.argsort(numbers, kind="stable")])


@pytest.mark.parametrize("bits", [0, 1, 4, 5])
def test_sorts_by_as_many_bits_as_are_said(bits):
    numbers = np.random.default_rng(0).integers(0, 2**bits, 300)
    got = arrays.to_host(sort(arrays.to_device(numbers), 0, bits))
    np.testing.assert_array_equal(got, np.sort(numbers))


def test_sorts_high_bits():
    numbers = np.random.default_rng(0).integers(0, 2**12, 50) << 50
    got = arrays.to_host(sort(arrays.to_device(numbers), 50, 12))
    np.testing.assert_array_equal(got, np.sort(numbers))


def test_equal_digits_of_a_whole_tile():
    numbers = np.full(2048, 15)
    got = arrays.to_host(sort(arrays.to_device(numbers), 0, 4))
    np.testing.assert_array_equal(got, numbers)
