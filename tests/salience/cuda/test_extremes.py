import numpy as np
import pytest
from numba import cuda

from salience.cuda import arrays, extremes, places
from salience.testing import random_floats


@pytest.fixture(autouse=True)
def two_blocks(monkeypatch):
    """Each thread of two blocks looks at several numbers, as one of many blocks does."""
    monkeypatch.setattr(extremes, "MOST_BLOCKS", 2)


def of(array):
    return extremes.of(arrays.to_device(array))


@pytest.mark.parametrize("size", [1, 2, 127, 128, 129, 300])
def test_both_ends_wherever_they_are(size):
    floats = random_floats(size)
    whole = (floats * 1000).astype(np.int64) - 2**40
    for place in {0, size // 2, size - 1}:
        for array, sign in ((floats, 1), (floats, -1), (whole, 1), (whole, -1)):
            given = array.copy()
            given[place] = sign * 2**45
            assert of(given) == (given.min(), given.max())


def test_of_any_shape():
    assert of(np.float32([[1, -2, 3], [7, 5, 6]])) == (-2, 7)


@pytest.mark.parametrize("kind", [np.float32, np.int64])
@pytest.mark.parametrize("shape", [(0,), (3, 0)])
def test_of_nothing_are_0(kind, shape):
    assert of(np.zeros(shape, kind)) == (0, 0)


@pytest.mark.parametrize("size", [1, 128, 300])
def test_nan_anywhere_is_both(size):
    for place in {0, 1 % size, size // 2, size - 1}:
        given = random_floats(size)
        given[place] = np.nan
        assert np.isnan(of(given)).all()


def test_infinity_is_an_end():
    given = random_floats(200)
    given[150] = np.inf
    assert of(given) == (given.min(), np.inf)
    assert of(-given) == (-np.inf, (-given).max())


def test_nan_beside_infinity_is_both():
    assert np.isnan(of(np.float32([np.inf, np.nan, -np.inf]))).all()


@pytest.mark.parametrize(
    ("starts", "rows", "rises"),
    [
        ([0], 0, True),
        ([0, 0, 3, 3, 7], 7, True),
        (list(range(300)), 299, True),
        ([], 0, False),
        ([0], 1, False),
        ([1, 3], 3, False),
        ([-1, 3], 3, False),
        ([0, 3], 4, False),
        ([0, 5, 3], 3, False),
        ([0, 4, 2, 7], 7, False),
        ([*range(299), 297, 299], 299, False),
    ],
)
def test_rises(starts, rows, rises):
    assert extremes.rises(arrays.to_device(np.array(starts, np.int64)), rows) is rises


def test_starts_are_judged_where_they_are(monkeypatch):
    starts, stream, used = arrays.to_device(np.array([0, 2, 2, 5])), cuda.stream(), []
    to_host = arrays.to_host
    monkeypatch.setattr(places, "of", lambda array: places.Place(stream if array is starts else 0))
    monkeypatch.setattr(
        arrays, "to_host", lambda array: [used.append(places.current().stream), to_host(array)][1]
    )
    assert extremes.rises(starts, 5)
    assert used == [stream]
