"""word2vec's binary form: what is written is read again, damage is refused with its byte."""

import numpy as np
import pytest
from hypothesis import given

from salience.errors import RangeError, WeightsError
from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.word_vectors import WordVectors

from ...helpers import tried
from .examples import ROWS, SMALL, WORDS, again, rows_of_width, same, vectors_of, words_without

FORM = "word2vec-binary"


def content(words=WORDS, rows=ROWS, between=b"\n", header=None):
    begin = header or f"{len(words)} {rows.shape[1]}\n".encode()
    each = (
        (word if isinstance(word, bytes) else word.encode()) + b" " + row.astype("<f4").tobytes()
        for word, row in zip(words, rows, strict=True)
    )
    return begin + b"".join(one + between for one in each)


GOOD = content()
SECOND = len(b"3 4\n" + b"sea ") + 16


@tried(300)
@given(words=words_without("\n "), row=rows_of_width)
def test_words_without_spaces_and_the_bits_of_rows_are_kept(tmp_path, words, row):
    vectors = vectors_of(words, row)
    assert same(again(vectors, tmp_path / "v.bin", FORM), vectors)


def test_words_with_spaces_are_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(RangeError, match=r"words without spaces, .* got 'New York'"):
        write_vectors(WordVectors(["sea", "New York"], ROWS[:2]), tmp_path / "v.bin")
    assert list(tmp_path.iterdir()) == []


def test_it_is_written_as_word2vec_writes_it(tmp_path):
    write_vectors(SMALL, tmp_path / "v.bin")
    assert (tmp_path / "v.bin").read_bytes() == GOOD


def test_rows_may_follow_each_other_without_line_ends(tmp_path):
    path = tmp_path / "v.bin"
    path.write_bytes(content(between=b""))
    assert same(read_vectors(path), SMALL)


def test_the_first_words_alone(tmp_path):
    path = tmp_path / "v.bin"
    path.write_bytes(GOOD)
    assert same(read_vectors(path, most=2), WordVectors(WORDS[:2], ROWS[:2]))


def test_a_file_that_is_cut_anywhere_is_refused(tmp_path):
    path = tmp_path / "v.bin"
    for length in range(len(GOOD) - 1):  # the last line end may be missing
        path.write_bytes(GOOD[:length])
        with pytest.raises(WeightsError, match=r"v\.bin, byte \d+: expected .* end of the file"):
            read_vectors(path, FORM)


NAN = np.where(np.arange(12).reshape(3, 4) == 5, np.nan, ROWS)


@pytest.mark.parametrize(
    ("damaged", "place"),
    [
        (content(header=b"2 4\n"), f"byte {len(GOOD) - 22}: expected the end after 2 words"),
        (content(header=b"4 4\n"), f"byte {len(GOOD) - 1}: expected word 4 of 4"),
        (content(header=b"3 999999999999999999\n"), "byte .*: expected the numbers of word 1"),
        (content(header=b"3 -4\n"), "line 1: expected the numbers of words and of dimensions"),
        (GOOD + b"more", f"byte {len(GOOD) - 1}: expected the end after 3 words"),
        (GOOD + b"\n\nmore", f"byte {len(GOOD) - 1}: expected the end after 3 words"),
        (content(["sea", b"\xff\xfe", "hill"]), f"byte {SECOND}: expected a word of valid UTF-8"),
        (content(["sea", "sea", "hill"]), f"byte {SECOND}: .* got 'sea' again"),
        (content(["sea", "", "hill"]), f"byte {SECOND}: expected a word of at least one"),
        (content(rows=NAN), f"byte {SECOND}: expected finite numbers"),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_damage_is_refused_with_its_byte(tmp_path, damaged, place):
    path = tmp_path / "v.bin"
    path.write_bytes(damaged)
    with pytest.raises(WeightsError, match=f"v.bin, {place}"):
        read_vectors(path, FORM)


@pytest.mark.parametrize("bad", [b"\xff\xfe", "sea", ""])
def test_bad_words_are_skipped_and_counted_where_asked(tmp_path, bad):
    path = tmp_path / "v.bin"
    path.write_bytes(content(["sea", bad, "hill"]))
    with pytest.warns(UserWarning, match="left out 1 words"):
        found = read_vectors(path, bad_words="skip")
    assert same(found, WordVectors(["sea", "hill"], ROWS[[0, 2]]))
