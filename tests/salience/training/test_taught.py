import numpy as np
import pytest

from salience.testing import random_floats
from salience.training.taught import Taught


def test_directions_are_those_around_the_mean():
    rows = random_floats(50, 6, seed=1) + 10
    taught = Taught(rows)
    expected = rows - rows.mean(axis=0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    numbers = np.array([3, 3, 41])
    np.testing.assert_allclose(taught(numbers), expected[numbers], atol=1e-5)
    assert taught.width == 6


def test_a_teacher_in_a_narrow_cone_says_the_same_as_one_that_is_not():
    rows = random_floats(80, 5, seed=2)
    everything = np.arange(80)
    for far in (rows + 3, 7 * rows + 100):
        np.testing.assert_allclose(Taught(far)(everything), Taught(rows)(everything), atol=1e-4)


def test_of_tokens_no_column_outweighs_the_others():
    rows = random_floats(60, 4, seed=3)
    heavy = rows * np.array([1, 1000, 1, 1], dtype=np.float32)
    everything = np.arange(60)
    scaled = Taught(heavy, scaled=True)(everything)
    np.testing.assert_allclose(scaled, Taught(rows, scaled=True)(everything), atol=1e-5)
    assert np.abs(Taught(heavy)(everything)[:, 1]).min() > np.abs(scaled[:, 1]).min()


@pytest.mark.parametrize("scaled", [False, True])
def test_a_teacher_that_says_the_same_of_all_has_no_directions(scaled):
    taught = Taught(np.ones((4, 3), np.float16), scaled=scaled)
    assert not taught(np.arange(4)).any()


def test_a_file_that_is_mapped_is_read_where_it_is_asked_for(tmp_path):
    rows = random_floats(30, 4, seed=4)
    np.save(tmp_path / "t.npy", rows)
    mapped = np.load(tmp_path / "t.npy", mmap_mode="r")
    numbers = np.array([29, 0])
    np.testing.assert_array_equal(Taught(mapped)(numbers), Taught(rows)(numbers))
