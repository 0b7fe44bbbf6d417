"""floret's files: what is written is read again, damage is refused with its line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import RangeError, WeightsError
from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.word_vectors import NgramRows, WordVectors

from ...helpers import tried
from .examples import ROWS, SMALL, again

GOOD = b"3 2 2 4 2 7 < >\n0 1 2\n1 3 4\n2 5 6\n"


def floret(**fields):
    given = {"rows": ROWS, "shortest": 2, "longest": 4, "hashing": "floret"} | fields
    return WordVectors([], ROWS[:0], ngrams=NgramRows(**given))


@tried(200)
@given(
    shortest=st.integers(0, 3), more=st.integers(0, 3), hashes=st.integers(1, 4),
    seed=st.integers(0, 2**32 - 1), begin=st.sampled_from("<«水"), end=st.sampled_from(">»$"),
)  # fmt: skip
def test_rows_and_settings_are_kept(tmp_path, shortest, more, **fields):
    vectors = floret(shortest=shortest, longest=shortest + more, **fields)
    found = again(vectors, tmp_path / "v.floret", "floret")
    assert found.ngrams._replace(rows=None) == vectors.ngrams._replace(rows=None)
    np.testing.assert_array_equal(found.ngrams.rows, ROWS)
    assert len(found) == 0


def test_the_lines_of_a_file(tmp_path):
    path = tmp_path / "v.floret"
    path.write_bytes(GOOD)
    rows = np.arange(1, 7, dtype=np.float32).reshape(3, 2)
    assert read_vectors(path).ngrams[1:] == (2, 4, "floret", 2, 7, "<", ">")
    np.testing.assert_array_equal(read_vectors(path).ngrams.rows, rows)
    write_vectors(read_vectors(path), path)
    assert path.read_bytes() == GOOD


@pytest.mark.parametrize(
    "vectors",
    [SMALL, WordVectors([], ROWS[:0], ngrams=NgramRows(ROWS, 2, 4))],
    ids=["words", "fasttext"],
)
def test_other_vectors_are_not_written(tmp_path, vectors):
    with pytest.raises(RangeError, match="of floret's form"):
        write_vectors(vectors, tmp_path / "v.floret")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mark", ["", " ", "a b"])
def test_marks_that_could_not_be_read_again_are_not_written(tmp_path, mark):
    with pytest.raises(RangeError, match="marks without spaces"):
        write_vectors(floret(begin=mark), tmp_path / "v.floret")


def test_rows_are_wanted_whole(tmp_path):
    path = tmp_path / "v.floret"
    path.write_bytes(GOOD)
    with pytest.raises(RangeError, match="all rows"):
        read_vectors(path, most=2)


FIRST = b"3 2 2 4 2 7 < >"


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (FIRST, b"3 2 2 4 2 7 <", "line 1: expected 'buckets dim"),
        (FIRST, b"3 2 2 4 2 -7 < >", "line 1: expected 'buckets dim"),
        (FIRST, b"4 2 2 4 2 7 < >", "line 1: expected the number of rows that follow, got 4"),
        (FIRST, b"2 2 2 4 2 7 < >", "line 4: expected row 2 of 2"),
        (FIRST, b"3 3 2 4 2 7 < >", "line 2: expected a word and 3 numbers"),
        (FIRST, b"3 999999999999999999 2 4 2 7 < >", "line 2: expected a word and 9+ numbers"),
        (FIRST, b"3 2 4 2 2 7 < >", "line 1: .*longest"),
        (FIRST, b"3 2 2 4 5 7 < >", "line 1: .*hashes"),
        (FIRST, b"3 2 2 4 2 4294967296 < >", "line 1: .*seed"),
        (FIRST, b"3 2 2 4 2 7 \xff >", "line 1: .*utf-8"),
        (b"1 3 4", b"2 3 4", "line 3: expected row 1 of 3"),
        (b"1 3 4", b"1 3 inf", "line 3: expected row 1 of 3, of finite numbers"),
        (b"1 3 4", b"1 3 x", "line 3: expected a word and 2 numbers, got b'x'"),
        (b"2 5 6\n", b"", "line 1: expected the number of rows that follow, got 3, got 2"),
        (b" 5 6\n", b"", "line 4: expected a word and 2 numbers"),
        (GOOD, b"", "line 1: expected 'buckets dim"),
    ],
)
def test_damage_is_refused_with_its_line(tmp_path, old, new, place):
    path = tmp_path / "v.floret"
    path.write_bytes(GOOD.replace(old, new))
    with pytest.raises(WeightsError, match=f"v.floret, {place}"):
        read_vectors(path, "floret")
