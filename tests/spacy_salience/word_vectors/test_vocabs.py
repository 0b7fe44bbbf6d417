"""Word vectors in spaCy's vocabs, with spaCy's own look-up as the judge."""

import numpy as np
import pytest
import spacy
from spacy.vectors import Vectors
from spacy.vocab import Vocab

from salience.errors import RangeError
from salience.vectors.shrink import pruned
from salience.vectors.word_vectors import WordVectors
from spacy_salience.word_vectors import from_vocab, to_vocab

from ...salience.vectors.tables import at_random, floret, grams

WORDS = ["apple", "Zürich", "a", "电影院", "x" * 40, "don't"]


def filled(vectors, **more):
    vocab = Vocab()
    to_vocab(vectors, vocab, name="test", **more)
    return vocab


FORMS = {
    "words": at_random,
    "shared rows": lambda: pruned(at_random(), 10),
    "n-grams too": lambda: at_random(ngrams=grams()),
}


@pytest.mark.parametrize("form", FORMS)
def test_spacy_looks_up_the_same_vectors(form):
    vectors = FORMS[form]()
    vocab = filled(vectors)
    for word, row in zip(vectors.words, vectors.all_vectors, strict=True):
        np.testing.assert_array_equal(vocab.get_vector(word), row)
        assert vocab[word].has_vector
    assert not vocab["unheard"].has_vector
    assert not vocab.get_vector("unheard").any()
    assert vocab.vectors.name == "test"


@pytest.mark.parametrize("form", FORMS)
def test_words_go_there_and_back(form):
    vectors = FORMS[form]()
    back = from_vocab(filled(vectors))
    assert set(back.words) == set(vectors.words)
    np.testing.assert_array_equal(back.vectors(vectors.words), vectors.all_vectors)
    assert len(back.rows) == len(vectors.rows)
    assert back.ngrams is None


def test_words_that_share_no_row_keep_their_order():
    vectors = at_random()
    assert list(from_vocab(filled(vectors)).words) == vectors.words


def test_floret_goes_there_and_back_and_says_what_spacy_says():
    vectors = floret()
    vocab = filled(vectors)
    wanted = np.stack([vocab.get_vector(word) for word in WORDS])
    np.testing.assert_allclose(vectors.vectors(WORDS), wanted, atol=1e-6)
    back = from_vocab(vocab)
    assert back.ngrams[1:] == vectors.ngrams[1:]
    np.testing.assert_array_equal(back.vectors(WORDS), vectors.vectors(WORDS))


@pytest.mark.parametrize(("attr", "same"), [("ORTH", False), ("LOWER", True)])
def test_tokens_are_looked_up_by_the_attribute(attr, same):
    nlp = spacy.blank("en")
    to_vocab(at_random(), nlp.vocab, name="test", attr=attr)
    token = nlp("W5")[0]
    assert token.has_vector == same
    np.testing.assert_array_equal(token.vector, at_random().vectors(["w5" if same else "W5"])[0])


@pytest.mark.parametrize("vectors", [at_random(), pruned(at_random(), 10), floret()])
def test_writing_to_spacys_table_does_not_change_ours(vectors):
    before = (vectors.ngrams.rows if vectors.ngrams else vectors.rows).copy()
    filled(vectors).vectors.data[:] = 0
    np.testing.assert_array_equal(vectors.ngrams.rows if vectors.ngrams else vectors.rows, before)


def test_spacys_own_pruning_is_read():
    vocab = filled(at_random())
    vocab.prune_vectors(10)
    found = from_vocab(vocab)
    assert found.rows.shape == (10, 7)
    for word in at_random().words:
        np.testing.assert_array_equal(found.vectors([word])[0], vocab.get_vector(word))


def test_keys_of_no_known_string_are_left_out():
    vocab = Vocab()
    rows = np.eye(3, dtype=np.float32)
    keys = [vocab.strings.add("sea"), vocab.strings.add("\n"), 2**60]
    vocab.vectors = Vectors(data=rows, keys=keys)
    with pytest.warns(UserWarning, match="left out 2 vectors"):
        found = from_vocab(vocab)
    assert list(found.words) == ["sea"]
    np.testing.assert_array_equal(found.all_vectors, rows[:1])


def test_what_cannot_be_is_refused():
    with pytest.raises(RangeError, match="found none"):
        from_vocab(Vocab())
    mixed = WordVectors(["w"], np.ones((1, 7), dtype=np.float32), ngrams=floret().ngrams)
    vocab = Vocab()
    with pytest.raises(RangeError, match="floret's form without words"):
        to_vocab(mixed, vocab, name="test")
    assert not vocab.vectors.size
