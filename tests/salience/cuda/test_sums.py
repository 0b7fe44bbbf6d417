import numpy as np
import pytest

from salience.cuda import arrays, sums
from salience.testing import random_floats


@pytest.mark.parametrize("rows", [0, 1, 3, 4, 9, 10, 28])
@pytest.mark.parametrize("columns", [0, 1, 130])
def test_groups_of_groups_of_rows_are_added_up(rows, columns, monkeypatch):
    monkeypatch.setattr(sums, "GROUP", 3)
    x = random_floats(rows, columns)
    got = arrays.to_host(sums.column_sums(arrays.to_device(x)))
    want = x.sum(axis=0, dtype=np.float64)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)


def test_more_rows_than_one_thread_adds():
    x = np.ones((sums.GROUP + 1, 2), np.float32)
    got = arrays.to_host(sums.column_sums(arrays.to_device(x)))
    np.testing.assert_array_equal(got, [sums.GROUP + 1] * 2)


def test_a_single_row_is_its_sum_and_stays_as_it_is():
    x = arrays.to_device(np.float32([[1, -2, 3]]))
    got = sums.column_sums(x)
    np.testing.assert_array_equal(arrays.to_host(got), [1, -2, 3])
    got[:] = np.float32(0)
    np.testing.assert_array_equal(arrays.to_host(x), [[1, -2, 3]])
