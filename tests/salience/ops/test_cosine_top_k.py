import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError
from salience.ops import cosine_matrix, cosine_top_k
from salience.ops.cosine import cpu, reference
from salience.ops.cosine.cpu import SLICE
from salience.ops.cosine.scores import COLUMNS_IN_CACHE
from salience.testing import random_floats

from .. import helpers
from . import promises


def assert_is_the_sorted_matrix(a, b, k):
    scores = cosine_matrix(a, b)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    indices, best = cosine_top_k(a, b, k)
    np.testing.assert_array_equal(indices, order)
    np.testing.assert_array_equal(best, np.take_along_axis(scores, order, axis=1))
    assert indices.dtype == np.int64
    assert best.dtype == np.float32


# Scores come in blocks of SLICE rows of a by COLUMNS_IN_CACHE rows of b.
@pytest.mark.parametrize("first", [0, 1, SLICE, SLICE + 1])
@pytest.mark.parametrize(
    "second", [0, 1, 63, 65, COLUMNS_IN_CACHE - 1, COLUMNS_IN_CACHE + 1, 2 * COLUMNS_IN_CACHE + 900]
)
@pytest.mark.parametrize("k", [1, 10])
@helpers.needs_speed
def test_is_the_stable_argsort_of_the_matrix(first, second, k):
    assert_is_the_sorted_matrix(random_floats(first, 8), random_floats(second, 8, seed=1), k)


@given(
    first=st.integers(0, 6), second=st.integers(0, 30), k=st.integers(1, 40), seed=st.integers(0, 9)
)
def test_equals_go_in_the_order_of_their_rows(first, second, k, seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(-1, 2, (first, 2)).astype(np.float32)
    b = rng.integers(-1, 2, (second, 2)).astype(np.float32)
    assert_is_the_sorted_matrix(a, b, k)


@helpers.needs_speed
def test_equals_go_in_the_order_of_their_rows_across_blocks():
    row, k = random_floats(1, 4), COLUMNS_IN_CACHE + 10
    a, b = np.tile(row, (SLICE + 6, 1)), np.tile(row, (COLUMNS_IN_CACHE + 50, 1))
    indices, _ = cosine_top_k(a, b, k)
    np.testing.assert_array_equal(indices, np.tile(np.arange(k), (SLICE + 6, 1)))


def test_a_k_beyond_b_gives_all_of_b():
    indices, scores = cosine_top_k(random_floats(3, 4), random_floats(5, 4, seed=1), 100)
    assert indices.shape == scores.shape == (3, 5)
    assert (np.sort(indices, axis=1) == np.arange(5)).all()


def test_the_nearest_of_a_row_among_itself_is_the_row():
    a = random_floats(300, 16)
    indices, scores = cosine_top_k(a, a, 1)
    np.testing.assert_array_equal(indices[:, 0], np.arange(300))
    np.testing.assert_array_equal(scores, 1)


def test_agrees_with_the_reference():
    arguments = {"a": random_floats(5, 8), "b": random_floats(70, 8, seed=1)}
    promises.assert_agrees(cosine_top_k, reference.top_k, arguments, k=7)


@pytest.mark.parametrize("name", ["a", "b"])
def test_refuses_rows_that_are_no_numbers(name):
    rows = {"a": np.ones((2, 3), np.float32), "b": np.ones((4, 3), np.float32)}
    rows[name][1] = np.nan
    with pytest.raises(RangeError, match=f"^cosine_top_k: {name} holds numbers that are not fin"):
        cosine_top_k(**rows, k=2)


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize("rows", [1, 63, 65, 2 * SLICE + 3])
@helpers.needs_speed
def test_packed_rows_can_be_read_again_and_searched_for(metric, rows):
    a = random_floats(rows, 21)
    a[rows // 2] = 0
    packed = cpu.pack(a, metric)
    again = cpu.unpack(packed, 0, rows)
    if metric != "cosine":
        np.testing.assert_array_equal(again, a)
    k = min(rows, 7)
    found = cpu.search(again, packed, k, ready=True)
    assert helpers.same_bits(found, cpu.search(a, packed, k))
    for first in range(0, rows, SLICE):
        last = min(first + SLICE, rows)
        np.testing.assert_array_equal(cpu.unpack(packed, first, last), again[first:last])


def test_no_numbers_are_packed_and_read_again():
    assert cpu.unpack(cpu.pack(np.zeros((70, 0), np.float32), "dot"), 0, 70).shape == (70, 0)
