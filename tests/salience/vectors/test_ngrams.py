"""Hashes by the published test values, n-grams by hand."""

import numpy as np
import pytest

from salience.vectors.hashing import fasttext_hashes, fasttext_ngrams, floret_ngrams
from salience.vectors.ngrams import FLORET_SEED, members_of
from salience.vectors.word_vectors import NgramRows

TABLE = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)


def fnv(content):
    value = 2166136261
    for byte in content:
        value = (value ^ (byte | (0xFFFFFF00 if byte > 127 else 0))) * 16777619 % 2**32
    return value


WORDS = ["", "a", "word", "Straße", "水", "seventeen letters", "x" * 10_000]


def test_fasttext_s_hashes_extend_the_sign_of_bytes():
    found = fasttext_hashes(WORDS)[:, 0]
    assert found.tolist() == [fnv(word.encode()) for word in WORDS]
    assert fasttext_hashes(["foobar"])[0, 0] == 0xBF9CF968  # published, of ASCII alone


def test_ngrams_of_a_word():
    assert list(fasttext_ngrams("ab", 2, 3)) == ["<a", "<ab", "ab", "ab>", "b>"]
    assert list(fasttext_ngrams("ab", 1, 1)) == ["a", "b"]
    assert list(fasttext_ngrams("</s>", 3, 6)) == []
    assert list(floret_ngrams("ab", 3, 3)) == ["<ab>", "<ab", "ab>"]


def rows_of(members, place):
    return members.numbers[members.starts[place] : members.starts[place + 1]].tolist()


def test_a_word_learns_with_its_own_row_and_its_ngrams():
    members = members_of(["ab", "</s>"], NgramRows(TABLE, 3, 3))
    wanted = [0, *(2 + fnv(gram) % 50 for gram in (b"<ab", b"ab>"))]
    assert rows_of(members, 0) == wanted
    assert rows_of(members, 1) == [1]


@pytest.mark.parametrize("hashes", [1, 2, 4])
def test_floret_s_rows_are_spacy_s(hashes):
    vectors = pytest.importorskip("spacy.vectors")
    words = ["a", "word", "Straße", "水", "seventeenletters", "x" * 50]
    theirs = vectors.Vectors(
        data=TABLE, mode="floret", minn=2, maxn=4, hash_count=hashes, hash_seed=FLORET_SEED
    )
    theirs.strings = pytest.importorskip("spacy.strings").StringStore(words)
    members = members_of(words, NgramRows(TABLE, 2, 4, "floret", hashes, FLORET_SEED))
    for place, word in enumerate(words):
        wanted = theirs.get_batch([word])[0]
        np.testing.assert_allclose(TABLE[rows_of(members, place)].mean(axis=0), wanted, atol=1e-5)
