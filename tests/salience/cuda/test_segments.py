import numpy as np
import pytest

from salience.cuda import arrays, segments
from salience.testing import random_starts


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Documents of more than 12 steps are divided in segments of 5."""
    monkeypatch.setattr(segments, "WHOLE", 12)
    monkeypatch.setattr(segments, "SEGMENT", 5)


def divide(lengths):
    found = segments.segments_of(random_starts(lengths))
    rows, ends = arrays.to_host(found.rows), arrays.to_host(found.ends)
    assert rows.dtype == ends.dtype == np.int64
    assert len(found) == len(rows) == ends[-1]
    return rows.tolist(), ends.tolist(), found.divided


def test_short_documents_are_one_segment_and_long_ones_several():
    assert divide([12, 0, 13, 1]) == (
        [[0, 12, 0], [12, 12, 1], [12, 17, 2], [17, 22, 2], [22, 25, 2], [25, 26, 3]],
        [0, 1, 2, 5, 6],
        True,
    )


def test_no_document_is_divided_where_none_is_long():
    assert divide([12, 0, 3]) == ([[0, 12, 0], [12, 12, 1], [12, 15, 2]], [0, 1, 2, 3], False)


def test_no_documents_are_no_segments():
    rows, ends, divided = divide([])
    assert (len(rows), ends, divided) == (0, [0], False)


@pytest.mark.parametrize("length", [1, 12, 13, 15, 16, 40])
def test_a_document_is_divided_alike_among_any_others(length):
    alone, _, _ = divide([length])
    rows, ends, _ = divide([3, 0, 30, length, 14])
    among = rows[ends[3] : ends[4]]
    assert [[first + 33, last + 33, 3] for first, last, _ in alone] == among
    assert [row for first, last, _ in alone for row in range(first, last)] == list(range(length))
