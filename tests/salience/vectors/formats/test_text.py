"""word2vec's and GloVe's text: what is written is read again, damage is refused with its line."""

import gzip

import numpy as np
import pytest
from hypothesis import given

from salience.errors import RangeError, WeightsError
from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.word_vectors import NgramRows, WordVectors

from ...helpers import tried
from .examples import ROWS, SMALL, WORDS, again, rows_of_width, same, vectors_of, words_without

GOOD = b"3 2\nsea 1 2\nhill 3 4\nlake 5 6\n"


@tried(300)
@given(words=words_without("\n"), row=rows_of_width)
def test_word2vec_s_text_keeps_any_words_and_the_bits_of_rows(tmp_path, words, row):
    vectors = vectors_of(words, row)
    assert same(again(vectors, tmp_path / "v.vec", "word2vec"), vectors)


@tried(300)
@given(words=words_without("\n"), row=rows_of_width)
def test_glove_s_text_does_so_after_a_word_without_spaces(tmp_path, words, row):
    plain = "plain"
    vectors = vectors_of([plain, *(word for word in words if word != plain)], row)
    assert same(again(vectors, tmp_path / "v.glove", "glove"), vectors)


def test_glove_refuses_to_write_what_it_could_not_read(tmp_path):
    spaced = WordVectors(["New York", "a b"], ROWS[:2])
    with pytest.raises(RangeError, match="words without spaces among the first"):
        write_vectors(spaced, tmp_path / "v.glove")
    assert list(tmp_path.iterdir()) == []


def test_text_has_the_means_of_words_and_ngrams(tmp_path):
    vectors = WordVectors(WORDS, ROWS, ngrams=NgramRows(ROWS[::-1], 2, 3))
    found = again(vectors, tmp_path / "v.vec", "word2vec")
    np.testing.assert_array_equal(found.rows, vectors.vectors(WORDS))
    assert found.ngrams is None


def test_ngrams_alone_are_no_words(tmp_path):
    vectors = WordVectors([], ROWS[:0], ngrams=NgramRows(ROWS, 2, 3, "floret"))
    with pytest.raises(RangeError, match="expected known words"):
        write_vectors(vectors, tmp_path / "v.vec")


def test_lines_may_end_as_on_windows_or_with_spaces(tmp_path):
    path = tmp_path / "v.vec"
    path.write_bytes(GOOD.replace(b"\n", b" \r\n"))
    found = read_vectors(path)
    assert found.words == ["sea", "hill", "lake"]
    assert found.rows.tolist() == [[1, 2], [3, 4], [5, 6]]


@pytest.mark.parametrize("begin", [b"", b"3 2\n"])
def test_the_first_words_alone(tmp_path, begin):
    path = tmp_path / "v.txt"
    path.write_bytes(begin + GOOD[4:])
    found = read_vectors(path, most=2)
    assert (found.words, found.rows.tolist()) == (["sea", "hill"], [[1, 2], [3, 4]])
    assert len(read_vectors(path, most=9)) == 3


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"3 2\n", b"4 2\n", "line 1: expected the number of words .*, got 4 there, got 3"),
        (b"3 2\n", b"2 2\n", "line 1: expected the number of words .*, got 2 there, got 3"),
        (b"3 2\n", b"3 0\n", "line 1: expected the numbers of words and of dimensions"),
        (b"3 2\n", b"3 3\n", "line 2: expected a word and 3 numbers, got 3 fields"),
        (b"3 2\n", b"3 999999999999999999\n", "line 2: .*, got 3 fields"),
        (b"3 2\n", b"3 " + b"9" * 5000 + b"\n", "line 1: .*"),
        (b"3 2\n", b"", "line 1: expected the numbers of words and of dimensions"),
        (b"hill 3 4", b"hill 3", "line 3: expected a word and 2 numbers, got 2 fields"),
        (b"hill 3 4", b"hill 3 x", "line 3: expected a word and 2 numbers, got b'x'"),
        (b"hill 3 4", b"hill 3  4", "line 3: expected a word and 2 numbers, got b''"),
        (b"hill 3 4", b"", "line 3: expected a word and its numbers, got an empty line"),
        (b"hill 3 4", b"hill 3 nan", "line 3: expected finite numbers"),
        (b"hill 3 4", b"hill 3 1e99", "line 3: expected finite numbers"),
        (b"hill", b"h\xffll", "line 3: expected a word of valid UTF-8"),
        (b"hill", b"sea", "line 3: expected a word of what was not there before, got 'sea' again"),
        (b"hill", b"", "line 3: expected a word of at least one character"),
        (b" 5 6\n", b"", "line 4: expected a word and 2 numbers, got 1 fields"),
        (GOOD, b"", "line 1: expected the numbers of words"),
    ],
)  # fmt: skip
def test_damage_to_word2vec_s_text_is_refused_with_its_line(tmp_path, old, new, place):
    path = tmp_path / "v.vec"
    path.write_bytes(GOOD.replace(old, new))
    with pytest.raises(WeightsError, match=f"v.vec, {place}"):
        read_vectors(path, "word2vec")


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        (b"hill 3 4", b"hill 3 x", "line 2: expected a word and 2 numbers, got b'x'"),
        (b"hill", b"h\xffll", "line 2: expected a word of valid UTF-8"),
        (b"hill", b"sea", "line 2: .* got 'sea' again"),
        (b"lake 5 6", b"lake", "line 1: expected a word and its numbers in every line"),
        (GOOD[4:], b"", "line 1: expected a word and its numbers, got the end of the file"),
    ],
)
def test_damage_to_glove_s_text_is_refused_with_its_line(tmp_path, old, new, place):
    path = tmp_path / "v.glove"
    path.write_bytes(GOOD[4:].replace(old, new))
    with pytest.raises(WeightsError, match=f"v.glove, {place}"):
        read_vectors(path)


@pytest.mark.parametrize("bad", [b"sea", b"h\xffll", b""])
def test_bad_words_are_skipped_and_counted_where_asked(tmp_path, bad):
    path = tmp_path / "v.vec"
    path.write_bytes(GOOD.replace(b"hill", bad))
    with pytest.warns(UserWarning, match="left out 1 words"):
        found = read_vectors(path, bad_words="skip")
    assert (found.words, found.rows.tolist()) == (["sea", "lake"], [[1, 2], [5, 6]])


def test_skipping_bad_words_skips_no_bad_numbers(tmp_path):
    path = tmp_path / "v.vec"
    path.write_bytes(GOOD.replace(b"3 4", b"3 inf"))
    with pytest.raises(WeightsError, match="line 3: expected finite numbers"):
        read_vectors(path, bad_words="skip")


@pytest.mark.parametrize("damage", [lambda it: it[:-9], lambda it: it[:12] + b"\xff" + it[13:]])
def test_a_damaged_gzip_is_refused(tmp_path, damage):
    path = tmp_path / "v.vec.gz"
    path.write_bytes(damage(gzip.compress(GOOD)))
    with pytest.raises(WeightsError, match=r"v\.vec\.gz: expected a file of word vectors"):
        read_vectors(path)


def test_a_header_of_fewer_words_is_noticed_where_as_many_are_wanted(tmp_path):
    path = tmp_path / "v.vec"
    path.write_bytes(GOOD.replace(b"3 2", b"2 2"))
    with pytest.raises(WeightsError, match=r"line 1: .*, got 2 there, got more: line 4 is one"):
        read_vectors(path, most=2)


def test_gzipped_files_of_the_same_vectors_are_the_same(tmp_path):
    for name in ("a.vec.gz", "b.vec.gz"):
        write_vectors(SMALL, tmp_path / name)
    content = (tmp_path / "a.vec.gz").read_bytes()
    assert content == (tmp_path / "b.vec.gz").read_bytes()
    assert content[4:8] == bytes(4)  # no time
