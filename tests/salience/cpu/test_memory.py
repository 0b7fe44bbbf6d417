import gc

import numpy as np
import pytest

from salience.cpu.memory import Shelf, empty


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize("shape", [(), (0,), (3,), (7, 33), (2, 0, 5), (2, 3, 4)])
def test_new_memory_begins_with_a_cache_line(shape):
    for _ in range(8):
        array = empty(*shape)
        assert array.shape == shape
        assert array.dtype == np.float32
        assert address(array) % 64 == 0 or not array.size
        assert array.flags.c_contiguous
        assert array.flags.writeable


def test_lent_memory_begins_with_a_cache_line():
    shelf = Shelf(100, most=1)
    for shape in ((100,), (3, 33), (0, 5)):
        array = shelf.lend(*shape)
        assert array.shape == shape
        assert array.dtype == np.float32
        assert address(array) % 64 == 0
        assert array.flags.writeable


def test_memory_is_lent_again_when_the_last_view_is_gone():
    shelf = Shelf(100, most=1)
    array = shelf.lend(10, 10)
    array.fill(1)
    first, row = address(array), array[3:4].T
    del array
    gc.collect()
    other = shelf.lend(10, 10)
    other.fill(2)
    assert address(other) != first
    assert (row == 1).all()
    del row
    gc.collect()
    assert address(shelf.lend(5, 20)) == first


def test_no_more_memory_waits_than_was_said():
    shelf = Shelf(100, most=2)
    arrays = [shelf.lend(100) for _ in range(5)]
    places = {address(array) for array in arrays}
    assert len(places) == 5
    arrays.clear()
    gc.collect()
    assert len(shelf._free) == 2


def test_what_is_written_to_lent_memory_stays_within_it():
    shelf = Shelf(64, most=4)
    arrays = [shelf.lend(64) for _ in range(4)]
    for number, array in enumerate(arrays):
        array.fill(number)
    assert [set(array.tolist()) for array in arrays] == [{0}, {1}, {2}, {3}]
