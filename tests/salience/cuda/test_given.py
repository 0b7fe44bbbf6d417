import numpy as np
from numba import cuda

from salience.cuda import given
from salience.testing import random_floats


def test_zeros_beside_an_array_and_a_copy_on_the_host():
    numbers = random_floats(5)
    beside = cuda.to_device(numbers)
    zeros = given.zeros_beside(beside, (2, 3))
    assert isinstance(zeros, type(beside))
    np.testing.assert_array_equal(zeros.copy_to_host(), np.zeros((2, 3)))
    np.testing.assert_array_equal(given.host_copy(beside), numbers)
