"""Words and their vectors: known ones, ones of n-grams alone, and ones that have none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import DtypeError, RangeError, ShapeError
from salience.vectors import word_vectors
from salience.vectors.word_vectors import NgramRows, WordVectors

from ..helpers import tried
from .test_ngrams import fnv

WORDS = ["sea", "Straße", "水"]
ROWS = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
TABLE = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)


def rows_as_fasttext_finds_them(word, shortest, longest):
    """Model::computeSubwords, an n-gram after the other."""
    marked = f"<{word}>"
    for first in range(len(marked)):
        for n in range(shortest, min(longest, len(marked) - first) + 1):
            if n > 1 or 0 < first < len(marked) - 1:
                yield fnv(marked[first : first + n].encode()) % len(TABLE)


def test_known_words_have_their_rows_in_any_order():
    vectors = WordVectors(WORDS, ROWS)
    np.testing.assert_array_equal(vectors.vectors(["水", "sea", "水"]), ROWS[[2, 0, 2]])
    assert (len(vectors), vectors.width, vectors.index("水")) == (3, 4, 2)
    assert vectors.vectors([]).shape == (0, 4)


def test_an_unknown_word_is_zeros_and_said_to_have_no_vector():
    vectors = WordVectors(WORDS, ROWS)
    assert not vectors.vectors(["lake"]).any()
    assert "sea" in vectors
    assert "lake" not in vectors
    assert vectors.index("lake") is None


def test_words_may_share_rows():
    vectors = WordVectors(WORDS, ROWS[:2], row_of=np.array([1, 0, 1]))
    np.testing.assert_array_equal(vectors.vectors(["水", "Straße"]), ROWS[[1, 0]])
    np.testing.assert_array_equal(vectors.all_vectors, ROWS[[1, 0, 1]])


@tried(200)
@given(word=st.text(max_size=12), shortest=st.integers(1, 4), more=st.integers(0, 3))
def test_an_unknown_word_is_the_mean_of_its_ngrams(word, shortest, more):
    vectors = WordVectors([], ROWS[:0], ngrams=NgramRows(TABLE, shortest, shortest + more))
    rows = list(rows_as_fasttext_finds_them(word, shortest, shortest + more))
    wanted = TABLE[rows].astype(np.float64).mean(axis=0) if rows else np.zeros(4)
    np.testing.assert_allclose(vectors.vectors([word])[0], wanted, atol=1e-5)
    assert (word in vectors) == bool(rows)


def test_a_known_word_s_row_is_one_of_the_mean():
    vectors = WordVectors(WORDS, ROWS, ngrams=NgramRows(TABLE, 3, 5))
    for word, row in zip(WORDS, ROWS, strict=True):
        rows = [row, *TABLE[list(rows_as_fasttext_finds_them(word, 3, 5))]]
        np.testing.assert_allclose(vectors.vectors([word])[0], np.mean(rows, 0), atol=1e-6)
    np.testing.assert_array_equal(vectors.all_vectors, vectors.vectors(WORDS))


def test_a_word_without_ngrams_has_its_row_alone():
    vectors = WordVectors(["a", "b"], ROWS[:2], ngrams=NgramRows(TABLE, 4, 5))
    np.testing.assert_array_equal(vectors.vectors(["b", "c"]), [ROWS[1], np.zeros(4)])
    assert "b" in vectors
    assert "c" not in vectors


@pytest.mark.parametrize(("shortest", "longest"), [(0, 0), (2, 4), (5, 5)])
@pytest.mark.parametrize(("hashes", "seed"), [(1, 0), (2, 2166136261), (3, 7), (4, 2**32 - 1)])
def test_floret_s_vectors_are_spacy_s_at_any_number_of_bytes(shortest, longest, hashes, seed):
    spacy_vectors = pytest.importorskip("spacy.vectors")
    words = [("水é" * length)[:length] for length in range(1, 40)] + ["x" * 300]
    theirs = spacy_vectors.Vectors(
        strings=pytest.importorskip("spacy.strings").StringStore(words), data=TABLE,
        mode="floret", minn=shortest, maxn=longest, hash_count=hashes, hash_seed=seed,
        bow="«", eow=">",
    )  # fmt: skip
    ngrams = NgramRows(TABLE, shortest, longest, "floret", hashes, seed, begin="«")
    ours = WordVectors([], ROWS[:0], ngrams=ngrams).vectors(words)
    np.testing.assert_allclose(ours, theirs.get_batch(words), atol=1e-5)


def test_words_are_looked_up_a_few_at_a_time(monkeypatch):
    vectors = WordVectors(WORDS, ROWS, ngrams=NgramRows(TABLE, 2, 3))
    asked = ["sea", "hill", "", "水", "lake"]
    together = vectors.vectors(asked)
    monkeypatch.setattr(word_vectors, "WORDS_AT_ONCE", 2)
    np.testing.assert_array_equal(vectors.vectors(asked), together)


def test_a_query_that_is_no_valid_unicode_has_a_vector_like_another():
    vectors = WordVectors(WORDS, ROWS, ngrams=NgramRows(TABLE, 2, 3))
    assert np.isfinite(vectors.vectors(["\ud800"])).all()
    assert "\ud800" in vectors


@pytest.mark.parametrize(
    ("word", "rest"), [("", "''"), ("a\nb", "a.*nb"), ("a\ud800", "ud800"), ("sea", "'sea' twice")]
)
def test_words_that_no_file_holds_are_refused(word, rest):
    with pytest.raises(RangeError, match=f"expected words that .*{rest}"):
        WordVectors(["sea", word, "hill"], ROWS)


HOLE = np.where(np.arange(12).reshape(3, 4) == 7, np.nan, ROWS)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"rows": ROWS[:2]}, ShapeError),
        ({"rows": ROWS[0]}, ShapeError),
        ({"rows": ROWS[:, :0]}, RangeError),
        ({"rows": HOLE}, RangeError),
        ({"rows": ROWS.astype(str)}, DtypeError),
        ({"counts": np.array([1, 2])}, ShapeError),
        ({"counts": np.array([1, -2, 3])}, RangeError),
        ({"counts": np.array([1.5, 2, 3])}, DtypeError),
        ({"row_of": np.array([0, 1])}, ShapeError),
        ({"row_of": np.array([0, 1, 3])}, RangeError),
        ({"row_of": np.array([0, 1, -1])}, RangeError),
        ({"ngrams": NgramRows(TABLE[:, :3], 2, 3)}, ShapeError),
        ({"ngrams": NgramRows(TABLE[:0], 2, 3)}, RangeError),
        ({"ngrams": NgramRows(HOLE, 2, 3)}, RangeError),
        ({"ngrams": NgramRows(TABLE, 0, 3)}, RangeError),
        ({"ngrams": NgramRows(TABLE, 3, 2)}, RangeError),
        ({"ngrams": NgramRows(TABLE, 2, 3, "md5")}, RangeError),
        ({"ngrams": NgramRows(TABLE, 2, 3, "floret", 5)}, RangeError),
        ({"ngrams": NgramRows(TABLE, 2, 3, "floret", 1, 2**32)}, RangeError),
    ],
)
def test_what_does_not_fit_is_refused(given, error):
    with pytest.raises(error, match="WordVectors: "):
        WordVectors(**{"words": WORDS, "rows": ROWS, **given})
