import numpy as np

from salience.cuda import arrays, places
from salience.cuda.arena import Arena
from salience.errors import DeviceMemoryError


def test_arrays_do_not_overlap_and_the_buffer_is_used_again():
    arena = Arena()
    with places.at(arena):
        for _ in range(3):
            ones, twos = arrays.full((3, 5), 1.0), arrays.full((7,), 2, np.int64)
            nothing = arrays.empty(0, 4)
            assert nothing.shape == (0, 4)
            np.testing.assert_array_equal(arrays.to_host(ones), np.ones((3, 5), np.float32))
            np.testing.assert_array_equal(arrays.to_host(twos), np.full(7, 2))
            arena.reset()
        buffer = arena._buffer
        arrays.full((3, 5), 1.0)
        arena.reset()
        assert arena._buffer is buffer
        assert buffer.size == 2 * 256
        arrays.full((1000,), 1.0)
        arena.reset()
        assert arena._buffer.size == 4096
        arena.release()
        assert arena._buffer is None


def test_a_buffer_that_does_not_fit_is_done_without(monkeypatch):
    arena, empty = Arena(), places.Place.empty

    def full(place, shape, dtype=np.float32):
        if np.dtype(dtype) == np.uint8:
            raise DeviceMemoryError("full")
        return empty(place, shape, dtype)

    monkeypatch.setattr(places.Place, "empty", full)
    with places.at(arena):
        for _ in range(2):
            ones = arrays.full((3,), 1.0)
            np.testing.assert_array_equal(arrays.to_host(ones), np.ones(3, np.float32))
            arena.reset()
