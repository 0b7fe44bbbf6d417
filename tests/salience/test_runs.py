"""How a batch is divided into tasks."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import salience
from salience import threads
from salience.testing import ragged_lengths, random_starts

sizes = st.lists(
    st.integers(0, 40) | st.integers(0, 5000) | st.just(0) | st.just(100_000), max_size=60
)


def assert_divides(starts):
    """The runs are every document once, in order; return how many tokens each has."""
    runs = threads.runs(starts)
    assert [run.number for run in runs] == list(range(len(runs)))
    assert 1 <= len(runs) <= threads.MOST_RUNS
    assert (runs[0].documents.start, runs[-1].documents.stop) == (0, len(starts) - 1)
    for before, after in pairwise(runs):
        assert before.documents.stop == after.documents.start
        assert before.documents.start < before.documents.stop
    for run in runs:
        own = starts[run.documents.start : run.documents.stop + 1]
        assert run.starts.tolist() == own.tolist()
        assert run.starts.dtype == np.int64
        assert run.starts.flags.c_contiguous
    return [int(run.starts[-1] - run.starts[0]) for run in runs]


@given(lengths=sizes)
def test_runs_are_every_document_once_and_in_order(lengths):
    tokens = assert_divides(random_starts(lengths))
    assert sum(tokens) == sum(lengths)


@given(lengths=sizes)
def test_no_run_is_more_than_its_share_and_a_document(lengths):
    tokens = assert_divides(random_starts(lengths))
    count = min(max(1, -(-sum(lengths) // threads.RUN)), threads.MOST_RUNS)
    assert len(tokens) <= count
    assert max(tokens) <= sum(lengths) / count + 1 + max(lengths, default=0)


@pytest.mark.parametrize("lengths", [[], [0], [0, 0, 0], [2048], [0, 2000, 48, 0], [1] * 2048])
def test_a_batch_of_few_tokens_is_one_run(lengths):
    (run,) = threads.runs(random_starts(lengths))
    assert (run.number, run.documents) == (0, slice(0, len(lengths)))
    assert run.starts.tolist() == random_starts(lengths).tolist()


def test_a_token_more_makes_two():
    assert assert_divides(random_starts([1] * 2049)) == [1024, 1025]


def test_documents_of_the_same_length_are_divided_evenly():
    assert assert_divides(random_starts([64] * 320)) == [2048] * 10


@pytest.mark.parametrize("lengths", [[1_000_000], [0, 1_000_000, 0], [3, 1_000_000, 5]])
def test_one_huge_document_is_in_one_run(lengths):
    tokens = assert_divides(random_starts(lengths))
    assert max(tokens) >= 1_000_000
    assert len(tokens) <= 3


def test_a_huge_batch_has_the_most_runs():
    tokens = assert_divides(random_starts([10] * 100_000))
    assert len(tokens) == threads.MOST_RUNS
    assert max(tokens) - min(tokens) <= 20


def test_real_lengths_are_divided_about_evenly():
    lengths = ragged_lengths(2000)
    tokens = assert_divides(random_starts(lengths))
    assert len(tokens) == -(-sum(lengths) // threads.RUN)
    assert max(tokens) - min(tokens) <= 2 * max(lengths)


@pytest.mark.usefixtures("fresh_threads")
def test_runs_depend_on_the_batch_alone():
    starts = random_starts(ragged_lengths(500))
    found = set()
    for count in (1, 2, 5, 64):
        salience.set_num_threads(count)
        found.add(str([(run.number, run.documents) for run in threads.runs(starts)]))
        found.add(str([(run.number, run.documents) for run in threads.runs(starts.copy())]))
    assert len(found) == 1


@given(rows=st.integers(0, 200_000))
def test_slices_are_every_row_once_and_in_order(rows):
    slices = threads.slices(rows)
    assert [row for each in slices for row in (each.start, each.stop)] == sorted(
        [0, rows, *[each.stop for each in slices[:-1]] * 2]
    )
    lengths = [each.stop - each.start for each in slices]
    assert sum(lengths) == rows
    assert max(lengths) - min(lengths) <= 1
    assert len(slices) == min(max(1, -(-rows // threads.RUN)), threads.MOST_RUNS)


@pytest.mark.parametrize("rows", [0, 1, 2047, 2048])
def test_few_rows_are_one_slice(rows):
    assert threads.slices(rows) == [slice(0, rows)]


def test_a_row_more_makes_two_slices():
    assert threads.slices(2049) == [slice(0, 1024), slice(1024, 2049)]


@pytest.mark.usefixtures("fresh_threads")
def test_slices_depend_on_the_rows_alone():
    salience.set_num_threads(1)
    want = threads.slices(10_000)
    salience.set_num_threads(7)
    assert threads.slices(10_000) == want
