"""Hashed attributes of a word do not depend on its code points."""

import numpy as np
import pytest
import spacy
from spacy.attrs import LOWER, NORM, ORTH, PREFIX, SHAPE, SUFFIX, TAG
from spacy.tokens import Doc

from spacy_salience.models.attributes import attributes_of

NAMES = [NORM, LOWER, PREFIX, SUFFIX, SHAPE, TAG]
nlp = spacy.blank("en")


@pytest.mark.parametrize(
    ("written", "usual"),
    [
        ("Zu\u0308rich", "Z\u00fcrich"),
        ("O\ufb03ce", "Office"),
        ("\uff26\uff55\uff4c\uff4c", "Full"),
        ("In\u00adfor\u00admation", "Information"),
        ("\ufeffHello", "Hello"),
        ("rock`n", "rock'n"),
    ],
)
def test_a_word_has_the_attributes_of_its_usual_spelling(written, usual):
    rows = attributes_of(Doc(nlp.vocab, words=[written, "a"]), NAMES)
    np.testing.assert_array_equal(rows, attributes_of(Doc(nlp.vocab, words=[usual, "a"]), NAMES))


@pytest.mark.parametrize("text", ["The caf\u00e9 is open.", "", "plain words", "\u4f60\u597d"])
def test_usual_words_have_their_own(text):
    doc = nlp(text)
    want = doc.to_array(NAMES).reshape(len(doc), len(NAMES))
    np.testing.assert_array_equal(attributes_of(doc, NAMES), want)


def test_what_the_tokenizer_said_of_a_contraction_stays():
    doc = nlp("isn\u2019t")
    assert attributes_of(doc, [NORM])[1, 0] == nlp.vocab.strings["not"]


def test_attributes_that_no_text_decides_stay():
    doc = Doc(nlp.vocab, words=["cafe\u0301"], tags=["NN"])
    assert attributes_of(doc, [TAG, ORTH])[0, 0] == nlp.vocab.strings["NN"]


def test_what_has_no_form_has_its_own_attributes():
    doc = Doc(nlp.vocab, words=["\u200d"])
    np.testing.assert_array_equal(attributes_of(doc, NAMES), doc.to_array(NAMES))


def test_of_no_attributes_there_are_no_values():
    assert attributes_of(nlp("two words"), []).shape == (2, 0)
