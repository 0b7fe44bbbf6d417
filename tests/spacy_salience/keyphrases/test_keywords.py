"""Keywords, and the most salient tokens."""

import pickle
from itertools import permutations

import numpy as np
import pytest
import spacy

from salience.errors import AnnotationError, RangeError
from spacy_salience import keywords

from ..conftest import TEXTS
from .conftest import given, words


def rounded(pairs):
    return [(word, round(weight, 5)) for word, weight in pairs]


def test_a_phrase_weighs_what_its_places_weigh(nlp):
    doc = given(nlp, "Cold mat and the cold\nMat. cold mat", [1, 2, 4, 8, 16, 32, 64, 128, 3, 5])
    assert rounded(keywords(doc)) == [("cold mat", 1 + 2 + 16 + 64 + 3 + 5)]


def test_of_two_phrases_one_in_the_other_the_heavier_has_both_weights(nlp):
    heavier = given(nlp, "cold cat, cat, warm dog, dog", [1, 1, 0, 1, 0, 1, 1, 0, 8])
    assert rounded(keywords(heavier)) == [("dog", 10), ("cold cat", 3)]
    whole_words = given(nlp, "art, party, art dealer", [1, 0, 1, 0, 2, 2])
    assert rounded(keywords(whole_words)) == [("art dealer", 5), ("party", 1)]


def test_no_keyword_is_in_another(en_small):
    text = " ".join(TEXTS) + " The warm cat sat. The warm house of the dog. The dog house was warm."
    found = [f" {word} " for word in words(en_small(text))]
    assert not [pair for pair in permutations(found, 2) if pair[0] in pair[1]]


@pytest.mark.parametrize("text", ["", " \n ", "and of the", "., !?", "-"])
def test_without_words_there_are_no_keywords(nlp, text):
    assert keywords(nlp(text)) == []


def test_n_is_how_many_at_most(nlp):
    doc = nlp(TEXTS[1])
    assert keywords(doc, 2) == keywords(doc)[:2]
    assert keywords(doc, 0) == []
    with pytest.raises(RangeError, match=r"^keywords: n must be a whole number >= 0, got -1"):
        keywords(doc, -1)
    assert rounded(keywords(given(nlp, "mat and cat", [1, 1, 1]))) == [("cat", 1), ("mat", 1)]


def test_a_span_has_its_own_shares(nlp):
    doc = nlp(TEXTS[1])
    assert keywords(doc[5:8])
    assert sum(weight for _, weight in keywords(doc[4:5], 99)) <= 1 + 1e-6


def test_keywords_of_a_language_without_spaces(model_file):
    zh = spacy.blank("zh")
    zh.add_pipe("salience", config={"model": {"pretrained": str(model_file)}})
    assert {word for word, _ in keywords(zh("港口冰。船港"))} == {"港口冰", "船港"}


def test_before_processing_there_are_none(nlp):
    for call in (keywords, lambda doc: doc._.salience_top()):
        with pytest.raises(AnnotationError, match=r"nlp\.add_pipe"):
            call(nlp.make_doc("the cat"))


def test_what_is_no_text_has_none(nlp):
    for item in ("the cat", nlp("the cat")[0]):
        with pytest.raises(
            AnnotationError, match=r"^keywords: expected a Doc or a Span, got (str|Token)$"
        ):
            keywords(item)


def test_salience_top_are_places_in_the_text(nlp):
    doc = given(nlp, "the cat, the cat", [0.125, 0.25, 0.125, 0.25, 0.25])
    assert [(token.i, weight) for token, weight in doc._.salience_top(4)] == [
        (1, 0.25), (3, 0.25), (4, 0.25), (0, 0.125),
    ]  # fmt: skip
    assert len(doc._.salience_top()) == 5
    assert nlp("")._.salience_top(3) == []
    with pytest.raises(RangeError, match=r"^salience_top: n must be a whole number >= 0, got 1\.5"):
        doc._.salience_top(1.5)


def test_salience_top_is_what_salience_says(en_small):
    doc = en_small(TEXTS[1])
    weights = [weight for _, weight in doc._.salience_top(99)]
    np.testing.assert_array_equal(weights, np.sort(doc._.salience)[::-1])
    assert all(token._.salience == weight for token, weight in doc._.salience_top(4))


def test_the_registry_can_be_pickled_for_spawned_workers():
    from spacy.tokens.underscore import Underscore

    *_, of_docs = pickle.loads(pickle.dumps(Underscore.get_state()))
    assert of_docs["salience_top"] == Underscore.doc_extensions["salience_top"]
