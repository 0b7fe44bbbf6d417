"""Keywords, and the most salient tokens."""

import pickle

import numpy as np
import pytest
import spacy

from salience.errors import AnnotationError, RangeError
from spacy_salience import keywords

from .conftest import TEXTS


def given(nlp, text, weights=None):
    doc = nlp(text)
    if weights is not None:
        doc._.salience = np.array(weights, dtype=np.float32)
    return doc


def rounded(pairs):
    return [(word, round(weight, 5)) for word, weight in pairs]


def test_a_phrase_is_a_run_of_words_and_weighs_what_its_places_weigh(nlp):
    doc = given(nlp, "Cold mat and the cold\nMat. cold mat", [1, 2, 4, 8, 16, 32, 64, 128, 3, 5])
    found = keywords(doc)
    assert rounded(found) == [("mat", 64), ("cold", 16), ("cold mat", 11)]


def test_a_longer_run_is_taken_word_by_word(nlp):
    found = keywords(given(nlp, "cold warm cat dog of cold warm cat", [8, 4, 2, 1, 99, 8, 4, 2]))
    assert rounded(found) == [
        ("cold warm cat", 14),
        ("cold", 8),
        ("warm", 4),
        ("cat", 2),
        ("dog", 1),
    ]


def test_a_hyphen_inside_of_a_word_does_not_end_it(nlp):
    def of(text):
        return [word for word, _ in sorted(keywords(nlp(text)))]

    assert of("a cat-dog mat") == ["cat-dog mat"]
    assert of("a cat - dog mat") == ["cat", "dog mat"]
    assert of("cat (-) dog") == ["cat", "dog"]
    assert of("cat-the dog") == ["cat", "dog"]


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
