import numpy as np
from thinc.api import Adam

from salience.layers.rows import Rows
from salience.testing import random_floats

KEY = (0, "table")


def adam():
    return Adam(0.01, L2=0.0, grad_clip=0.0, use_averages=False)


def test_with_all_rows_named_it_is_thincs_adam():
    rows, dense = Rows(random_floats(7, 3)), random_floats(7, 3)
    sparse, whole = adam(), adam()
    for step in range(4):
        gradient = random_floats(7, 3, seed=step)
        rows.update(sparse, KEY, np.arange(7), gradient.copy())
        dense, _ = whole(KEY, dense, gradient.copy())
    np.testing.assert_array_equal(rows.table, dense)


def test_rows_that_are_not_named_stay_with_their_moments():
    rows, optimizer = Rows(random_floats(7, 3)), adam()
    before = rows.table.copy()
    rows.update(optimizer, KEY, np.array([1, 4]), random_floats(2, 3))
    changed = (rows.table != before).any(axis=1)
    assert changed.tolist() == [False, True, False, False, True, False, False]
    for moments in rows.moments:
        assert moments.any(axis=1).tolist() == changed.tolist()


def test_an_update_of_no_rows_changes_nothing():
    rows = Rows(random_floats(7, 3))
    rows.update(adam(), KEY, np.zeros(0, np.int64), np.zeros((0, 3), np.float32))
    np.testing.assert_array_equal(rows.table, random_floats(7, 3))
