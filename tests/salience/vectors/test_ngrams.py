"""Hashes by the published test values, n-grams by hand."""

import numpy as np
import pytest

from salience.vectors.ngrams import hashes_of, members_of, ngrams_of

from ..helpers import needs_kernels


def fnv(content):
    value = 2166136261
    for byte in content:
        value = (value ^ (byte | (0xFFFFFF00 if byte > 127 else 0))) * 16777619 % 2**32
    return value


WORDS = ["", "a", "word", "Straße", "水", "seventeen letters", "x" * 10_000]


@needs_kernels
def test_fasttext_s_hashes_extend_the_sign_of_bytes():
    found = hashes_of(WORDS, "fasttext")[:, 0]
    assert found.tolist() == [fnv(word.encode()) for word in WORDS]
    assert hashes_of(["foobar"], "fasttext")[0, 0] == 0xBF9CF968  # published, of ASCII alone


def test_ngrams_of_a_word():
    assert ngrams_of("ab", 2, 3, "fasttext") == ["<a", "ab", "b>", "<ab", "ab>"]
    assert ngrams_of("ab", 1, 1, "fasttext") == ["a", "b"]
    assert ngrams_of("ab", 3, 3, "floret") == ["<ab>", "<ab", "ab>"]


@needs_kernels
@pytest.mark.parametrize("hashes", [1, 2, 4])
def test_floret_s_rows_are_spacy_s(hashes):
    vectors = pytest.importorskip("spacy.vectors")
    words = ["a", "word", "Straße", "水", "seventeenletters", "x" * 50]
    table = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    theirs = vectors.Vectors(
        data=table, mode="floret", minn=2, maxn=4, hash_count=hashes, hash_seed=2166136261
    )
    theirs.strings = pytest.importorskip("spacy.strings").StringStore(words)
    members = members_of(words, 2, 4, "floret", 50, hashes)
    for place, word in enumerate(words):
        rows = members.numbers[members.starts[place] : members.starts[place + 1]]
        wanted = theirs.get_batch([word])[0]
        np.testing.assert_allclose(table[rows].mean(axis=0), wanted, atol=1e-5)
