"""Tokens to table rows."""

from itertools import pairwise

import numpy as np
import pytest
import spacy
from spacy.attrs import NORM
from spacy.tokens import Doc
from spacy.vocab import Vocab

from salience.model.vocab import BLANK_ROW, Vocabulary
from spacy_salience.models import featurize
from spacy_salience.models.featurize import Featurizer

WORDS = ["cat", "the", "$"]


@pytest.fixture
def vocabulary():
    return Vocabulary(WORDS, buckets=20)


def bags(featurizer, docs):
    ragged, starts = featurizer(docs)
    split = np.split(ragged.data, ragged.starts[1:-1])
    return [split[a:b] for a, b in pairwise(starts)]


def test_every_token_gets_the_bag_of_its_norm(vocabulary):
    nlp = spacy.blank("en")
    docs = [nlp("The cat"), nlp(""), nlp("cat purrs £ \n"), nlp("purrs")]
    found = bags(Featurizer(vocabulary), docs)
    for doc, rows in zip(docs, found, strict=True):
        assert len(rows) == len(doc)
        for token, bag in zip(doc, rows, strict=True):
            np.testing.assert_array_equal(bag, vocabulary.bag(token.norm_))
    assert found[0][0] == [2]  # by NORM: "The" is "the", and any currency sign is "$"
    assert found[2][2] == [3]
    assert found[2][3] == [BLANK_ROW]


def test_no_documents_and_only_empty_ones(vocabulary):
    featurizer = Featurizer(vocabulary)
    for docs in ([], [spacy.blank("en")("")]):
        ragged, starts = featurizer(docs)
        assert len(ragged.data) == 0
        assert list(ragged.starts) == [0]
        assert list(starts) == [0] * (len(docs) + 1)


def test_a_vocabulary_without_words():
    docs = [spacy.blank("en")("the cat")]
    assert len(bags(Featurizer(Vocabulary([], buckets=5)), docs)[0]) == 2
    assert [list(bag) for bag in bags(Featurizer(Vocabulary([], buckets=0)), docs)[0]] == [[0], [0]]


def test_the_memory_of_unknown_words_is_bounded(vocabulary, monkeypatch):
    monkeypatch.setattr(featurize, "CACHED", 10)
    nlp = spacy.blank("en")
    featurizer = Featurizer(vocabulary)
    doc = Doc(nlp.vocab, words=[f"unseen{i}" for i in range(100)])
    found = bags(featurizer, [doc])[0]
    assert len(featurizer._unknown) <= 10
    for token, bag in zip(doc, found, strict=True):
        np.testing.assert_array_equal(bag, vocabulary.bag(token.norm_))


def normalised(words, lang="en"):
    return Featurizer(Vocabulary(words, buckets=20, reading="normalised"), lang)


@pytest.mark.parametrize("apostrophe", list("\u00b4`\u02bc"), ids=ascii)
def test_a_contraction_has_the_rows_of_what_the_tokenizer_makes_of_it(apostrophe):
    nlp = spacy.blank("en")
    doc = Doc(nlp.vocab, words=[f"don{apostrophe}t", "rock"])
    found = bags(normalised(["do", "not", "don't"]), [doc])[0]
    assert found[0].tolist() == [1, 2]


def test_a_contraction_of_unknown_words_is_read_like_any_word():
    featurizer = normalised(["do", "don't"])
    doc = Doc(spacy.blank("en").vocab, words=["don\u00b4t"])
    assert bags(featurizer, [doc])[0][0].tolist() == [2]


@pytest.mark.parametrize("lang", [None, "", "de", "no such language"])
def test_contractions_are_those_of_the_models_language(lang):
    doc = Doc(spacy.blank("en").vocab, words=["don\u00b4t"])
    assert bags(normalised(["don't", "do", "not"], lang), [doc])[0][0].tolist() == [1]


def test_a_vocab_of_any_language_gives_the_same_rows():
    featurizer = normalised(["don't", "do", "not"])
    for vocab in (spacy.blank("de").vocab, Vocab(lex_attr_getters={NORM: str.lower})):
        doc = Doc(vocab, words=["don\u00b4t"])
        assert bags(featurizer, [doc])[0][0].tolist() == [2, 3]


def test_the_encoder_sees_units_of_several_docs():
    nlp = spacy.blank("en")
    docs = [nlp("the  cat"), nlp(""), nlp("= = the"), nlp("\n")]
    rows, starts, units, _ = normalised(["the", "cat", "="]).units(docs, as_units=True)
    assert rows.data.tolist() == [1, 2, 3, 1]
    assert starts.tolist() == [0, 2, 2, 4, 4]
    assert units.tokens.tolist() == [0, 3, 3, 6, 7]


def test_a_model_that_reads_verbatim_sees_every_token(vocabulary):
    docs = [spacy.blank("en")("the  cat = = =")]
    rows, starts, units, _ = Featurizer(vocabulary).units(docs, as_units=False)
    assert units is None
    assert len(rows.starts) - 1 == starts[-1] == len(docs[0])
