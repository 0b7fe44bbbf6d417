"""Word vectors to gensim and back, with gensim's own look-up as the judge."""

import sys

import numpy as np
import pytest

from salience.errors import MissingPackageError, RangeError
from salience.vectors.look_up import nearest
from spacy_salience.word_vectors import from_gensim, to_gensim

from ...salience.vectors.tables import at_random, floret, grams


@pytest.fixture
def models():
    return pytest.importorskip("gensim.models")


@pytest.mark.parametrize(
    "more", [{}, {"counts": np.arange(60)[::-1]}, {"row_of": np.arange(60)[::-1]}]
)
@pytest.mark.usefixtures("models")
def test_words_vectors_and_counts_go_there_and_back(more):
    vectors = at_random(**more)
    keyed = to_gensim(vectors)
    assert keyed.index_to_key == list(vectors.words)
    assert keyed.vectors.shape == (60, 7)
    for word in vectors.words:
        np.testing.assert_array_equal(keyed[word], vectors.vectors([word])[0])
    back = from_gensim(keyed)
    assert back.words == vectors.words
    np.testing.assert_array_equal(back.all_vectors, vectors.all_vectors)
    if vectors.counts is None:
        assert back.counts is None
    else:
        np.testing.assert_array_equal(back.counts, vectors.counts)


@pytest.mark.usefixtures("models")
def test_gensim_finds_the_same_words():
    vectors = at_random()
    wanted = to_gensim(vectors).most_similar("w5", topn=8)
    found = nearest(vectors, "w5", 8)
    assert [near.word for near in found] == [word for word, _ in wanted]
    np.testing.assert_allclose(
        [near.score for near in found], [score for _, score in wanted], rtol=1e-4
    )


@pytest.mark.usefixtures("models")
def test_known_words_have_their_ngrams_in_their_vectors():
    vectors = at_random(ngrams=grams())
    np.testing.assert_array_equal(to_gensim(vectors).vectors, vectors.all_vectors)


SENTENCES = [["sea", "tide", "ferry"], ["hill", "path", "Zürich"], ["学生", "大学"]] * 20


def test_a_trained_model_has_the_same_vectors(models):
    model = models.Word2Vec(SENTENCES, vector_size=8, min_count=1, epochs=1, workers=1)
    for given in (model, model.wv):
        found = from_gensim(given)
        assert found.counts.tolist() == [20] * 8
        for word in model.wv.index_to_key:
            np.testing.assert_array_equal(found.vectors([word])[0], model.wv[word])


@pytest.mark.parametrize(("shortest", "longest"), [(2, 4), (1, 2), (3, 6)])
def test_fasttexts_unknown_words_have_the_same_vectors(models, shortest, longest):
    model = models.FastText(
        SENTENCES, vector_size=8, min_count=1, epochs=1, workers=1,
        bucket=100, min_n=shortest, max_n=longest,
    )  # fmt: skip
    found = from_gensim(model)
    assert list(found.words) == model.wv.index_to_key
    words = [*found.words, "seas", "tidal", "大学生", "Zürichsee"]
    wanted = np.stack([model.wv[word] for word in words])
    np.testing.assert_allclose(found.vectors(words), wanted, rtol=1e-5, atol=1e-7)


def test_what_is_not_gensims_is_refused():
    with pytest.raises(RangeError, match="expected gensim's KeyedVectors"):
        from_gensim({})


def test_ngrams_alone_are_refused():
    with pytest.raises(RangeError, match="n-grams alone"):
        to_gensim(floret())


def test_without_gensim_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "gensim.models", None)
    with pytest.raises(MissingPackageError, match=r"salience\[gensim\]"):
        to_gensim(at_random())
