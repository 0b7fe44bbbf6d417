import numpy as np
import pytest

from salience.cuda import arrays, products
from salience.testing import random_floats

EDGES = [(0, 3, 2), (3, 0, 2), (3, 2, 0), (1, 1, 1), (65, 2, 17), (2, 65, 16), (9, 9, 33)]
"""Rows, columns and depth: nothing, and around a tile of 64 x 64 and steps of 16."""

edges = pytest.mark.parametrize(("rows", "columns", "depth"), EDGES)


def there(*shape, seed=0):
    return arrays.to_device(random_floats(*shape, seed=seed))


def wide(array):
    return arrays.to_host(array).astype(np.float64)


def assert_close(got, want):
    np.testing.assert_allclose(arrays.to_host(got), want, rtol=1e-5, atol=1e-5)


@edges
def test_rows_times(rows, columns, depth):
    x, weight, bias = there(rows, depth), there(columns, depth, seed=1), there(columns, seed=2)
    assert_close(products.rows_times(x, weight), wide(x) @ wide(weight).T)
    assert_close(products.rows_times(x, weight, bias), wide(x) @ wide(weight).T + wide(bias))


@edges
def test_rows_times_matrix(rows, columns, depth):
    x, matrix = there(rows, depth), there(depth, columns, seed=1)
    assert_close(products.rows_times_matrix(x, matrix), wide(x) @ wide(matrix))


@edges
def test_columns_times(rows, columns, depth):
    x, y = there(depth, rows), there(depth, columns, seed=1)
    assert_close(products.columns_times(x, y), wide(x).T @ wide(y))


@pytest.mark.parametrize("rows", [0, 1, 20, 21, 47])
@pytest.mark.parametrize("most", [2, 3])
def test_rows_of_a_batch_are_summed_in_groups(rows, most, monkeypatch):
    monkeypatch.setattr(products, "GROUP", 20)
    monkeypatch.setattr(products, "MOST_GROUPS", most)
    x, y = there(rows, 3), there(rows, 2, seed=1)
    assert_close(products.columns_times(x, y), wide(x).T @ wide(y))


def test_rows_times_back():
    d_y, x, weight = there(5, 3), there(5, 2, seed=1), there(3, 2, seed=2)
    d_x, d_weight = products.rows_times_back(d_y, x, weight)
    assert_close(d_x, wide(d_y) @ wide(weight))
    assert_close(d_weight, wide(d_y).T @ wide(x))


def test_a_row_alone_has_the_bits_it_has_among_others():
    x, weight = random_floats(66, 19), there(5, 19, seed=1)
    whole = arrays.to_host(products.rows_times(arrays.to_device(x), weight))
    for row in (0, 7, 63, 64, 65):
        alone = products.rows_times(arrays.to_device(x[row : row + 1]), weight)
        np.testing.assert_array_equal(arrays.to_host(alone)[0], whole[row])


def test_what_is_not_finite_stays_in_its_row_and_column():
    x, weight = random_floats(3, 17), random_floats(3, 17, seed=1)
    x[1, 16], weight[2, 0] = np.nan, np.inf
    got = products.rows_times(arrays.to_device(x), arrays.to_device(weight))
    finite = [[True, True, False], [False, False, False], [True, True, False]]
    np.testing.assert_array_equal(np.isfinite(arrays.to_host(got)), finite)
