"""fastText's .bin files, made here byte by byte: read in full, damage refused with its byte."""

import numpy as np
import pytest

from salience.errors import RangeError, WeightsError
from salience.vectors.formats import read_vectors, write_vectors

from ..test_ngrams import fnv
from .examples import WORDS, entry, fasttext_bin

BUCKETS = 7
ROWS = np.random.default_rng(1).normal(size=(3 + BUCKETS, 4)).astype(np.float32)
ENTRIES = [entry(word, 9 - number) for number, word in enumerate(WORDS)]
GOOD = fasttext_bin(ENTRIES, ROWS, BUCKETS)
DICTIONARY = 4 + 4 + 12 * 4 + 8
FIRST = DICTIONARY + 3 * 4 + 2 * 8
MATRIX = FIRST + len(b"".join(ENTRIES))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "v.bin"


def read(path, content, **options):
    path.write_bytes(content)
    return read_vectors(path, **options)


def test_words_counts_and_both_kinds_of_rows(path):
    found = read(path, GOOD)
    assert found.words == WORDS
    assert found.counts.tolist() == [9, 8, 7]
    np.testing.assert_array_equal(found.rows, ROWS[:3])
    np.testing.assert_array_equal(found.ngrams.rows, ROWS[3:])
    assert (found.ngrams.shortest, found.ngrams.longest) == (2, 3)


def test_a_vector_is_the_mean_of_the_word_and_its_ngrams(path):
    found = read(path, GOOD)
    grams = "<水", "<水>", "水>"
    rows = [ROWS[3 + fnv(gram.encode()) % BUCKETS] for gram in grams]
    np.testing.assert_allclose(found.vectors(["水"])[0], np.mean([ROWS[2], *rows], 0), atol=1e-6)
    unknown = [ROWS[3 + fnv(gram) % BUCKETS] for gram in (b"<q", b"<q>", b"q>")]
    np.testing.assert_allclose(found.vectors(["q"])[0], np.mean(unknown, 0), atol=1e-6)


def test_the_first_words_alone_keep_all_ngrams(path):
    found = read(path, GOOD, most=2)
    assert (found.words, len(found.ngrams.rows)) == (WORDS[:2], BUCKETS)
    np.testing.assert_array_equal(found.rows, ROWS[:2])


def test_a_model_without_ngrams_has_words_alone(path):
    found = read(path, fasttext_bin(ENTRIES, ROWS[:3], 0, minn=0, maxn=0))
    assert found.ngrams is None
    np.testing.assert_array_equal(found.vectors(WORDS), ROWS[:3])


def test_labels_are_no_words(path):
    entries = [*ENTRIES, entry("__label__good", 2, 1)]
    found = read(path, fasttext_bin(entries, ROWS, BUCKETS, labels=1, model=3))
    assert found.words == WORDS
    assert len(found.ngrams.rows) == BUCKETS


def test_a_classifier_of_version_11_has_no_ngrams(path):
    assert read(path, fasttext_bin(ENTRIES, ROWS, BUCKETS, version=11, model=3)).ngrams is None
    assert read(path, fasttext_bin(ENTRIES, ROWS, BUCKETS, version=11, model=2)).ngrams is not None


def test_a_file_that_is_cut_anywhere_in_the_rows_or_before_is_refused(path):
    for length in range(len(GOOD) - 17):  # the output matrix is not read
        path.write_bytes(GOOD[:length])
        with pytest.raises(WeightsError, match=r"v\.bin, byte \d+: expected .* end of the file"):
            read_vectors(path, "fasttext")


NAN = np.where(np.arange(ROWS.size).reshape(ROWS.shape) == 5, np.nan, ROWS)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"magic": b"abcd"}, "byte 0: expected fastText's magic number, got b'abcd'"),
        ({"version": 13}, "byte 4: expected the version 11 or 12, got 13"),
        ({"minn": 5}, "byte 8: expected settings of a model"),
        ({"buckets": -1}, "byte 8: expected settings of a model"),
        ({"rows": ROWS[:, :0]}, "byte 8: expected settings of a model"),
        ({"words": 2}, f"byte {DICTIONARY}: expected the sizes of the dictionary"),
        ({"pruned": 1}, f"byte {DICTIONARY}: expected the sizes of the dictionary"),
        ({"quantised": True}, f"byte {MATRIX}: expected rows of float32, got quantised"),
        ({"shape": (9, 4)}, rf"byte {MATRIX + 1}: expected 3 \+ 7 rows of width 4, got 9 of"),
        ({"shape": (10, 5)}, rf"byte {MATRIX + 1}: expected 3 \+ 7 rows of width 4, got 10 of"),
        ({"buckets": 8}, rf"byte {MATRIX + 1}: expected 3 \+ 8 rows"),
        ({"rows": NAN}, f"byte {MATRIX + 17 + 5 * 4}: expected finite numbers"),
    ],
)
def test_damage_is_refused_with_its_byte(path, given, place):
    content = fasttext_bin(**{"entries": ENTRIES, "rows": ROWS, "buckets": BUCKETS, **given})
    with pytest.raises(WeightsError, match=f"v.bin, {place}"):
        read(path, content, format="fasttext")


def test_a_width_that_is_damaged_takes_no_memory(path):
    content = GOOD[:8] + (2**31 - 1).to_bytes(4, "little") + GOOD[12:]
    with pytest.raises(WeightsError, match="rows of width 2147483647"):
        read(path, content)


SECOND = FIRST + len(ENTRIES[0])


@pytest.mark.parametrize(
    ("second", "place"),
    [
        (entry("Straße", -1), "a word and its count"),
        (entry("Straße", 8, 1), "a word and its count, then labels"),
        (entry("sea", 8), "a word of what was not there before, got 'sea' again"),
        (entry("", 8), "a word of at least one character"),
        (b"\xff" + entry("", 8), "a word of valid UTF-8"),
    ],
)
def test_a_damaged_word_is_refused_with_its_byte(path, second, place):
    content = fasttext_bin([ENTRIES[0], second, ENTRIES[2]], ROWS, BUCKETS)
    with pytest.raises(WeightsError, match=f"byte {SECOND}: expected {place}"):
        read(path, content)


@pytest.mark.parametrize("second", [entry("sea", 8), entry("", 8), b"\xff" + entry("", 8)])
def test_bad_words_are_skipped_with_their_rows(path, second):
    content = fasttext_bin([ENTRIES[0], second, ENTRIES[2]], ROWS, BUCKETS)
    with pytest.warns(UserWarning, match="left out 1 words"):
        found = read(path, content, bad_words="skip")
    assert (found.words, found.counts.tolist()) == ([WORDS[0], WORDS[2]], [9, 7])
    np.testing.assert_array_equal(found.rows, ROWS[[0, 2]])
    np.testing.assert_array_equal(found.ngrams.rows, ROWS[3:])


def test_the_form_is_read_alone(path):
    with pytest.raises(RangeError, match="format"):
        write_vectors(read(path, GOOD), path, "fasttext")
    assert path.read_bytes() == GOOD
