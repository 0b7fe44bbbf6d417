"""Texts that break things: finite results or a named error, and neighbours are kept."""

import numpy as np
import pytest
from spacy.tokens import Doc

from salience.errors import SalienceError

from .conftest import TEXTS

HOSTILE = {
    "empty": "",
    "spaces": " \t\n  ",
    "nul": "a\x00b \x00",
    "emoji": "👩‍👩‍👧 ❤️ 🏳️‍🌈",
    "right-to-left marks": "\u200f\u202e שלום \u202c",
    "combining": "e" + "\u0301" * 500,
    "long token": "x" * 100_000,
    "private use": "\ue000 \U0010ffff",
    "digits": "1234567890" * 100,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_text_gives_finite_results(nlp, name):
    doc = nlp(HOSTILE[name])
    assert doc.tensor.shape == (len(doc), 16)
    for result in (doc.tensor, doc._.salience, doc._.attention, doc.vector):
        assert np.isfinite(result).all()
    assert np.isfinite(doc.similarity(nlp("the cat")))


def test_a_million_tokens_in_one_doc(nlp):
    words = ["the", "cat", "unseen", "."] * 250_000
    doc = nlp.get_pipe("salience")(Doc(nlp.vocab, words=words))
    assert doc.tensor.shape == (1_000_000, 16)
    assert np.isfinite(doc.tensor).all()
    assert np.isclose(doc._.salience.sum(dtype=np.float64), 1, atol=1e-3)


def test_blank_tokens_weigh_nothing(en_small):
    doc = en_small("lighthouse \n\n\u200f\n keeper")
    blanks = [token._.salience for token in doc if token.is_space or token.text == "\u200f"]
    assert blanks
    assert max(blanks) < 1e-6


@pytest.fixture
def failing(nlp, monkeypatch):
    """A pipeline whose component fails on one kind of document."""
    component = nlp.get_pipe("salience")
    predict = component.predict

    def fail(docs):
        if any("BAD" in doc.text for doc in docs):
            raise SalienceError("bad document")
        return predict(docs)

    monkeypatch.setattr(component, "predict", fail)
    return nlp


def test_one_bad_document_does_not_lose_its_neighbours(failing):
    seen = []
    failing.set_error_handler(lambda name, proc, docs, error: seen.extend(docs))
    docs = list(failing.pipe(["one", "BAD", "two", "three BAD", "four"]))
    assert [doc.text for doc in docs] == ["one", "two", "four"]
    assert [doc.text for doc in seen] == ["BAD", "three BAD"]
    assert all(doc.tensor.any() for doc in docs)


def test_without_a_handler_the_error_is_raised(failing):
    with pytest.raises(SalienceError, match="bad document"):
        list(failing.pipe(["one", "BAD", "two"]))


def test_an_error_of_the_caller_is_not_taken_for_a_bad_document(nlp):
    seen = []
    nlp.set_error_handler(lambda name, proc, docs, error: seen.append(docs))
    stream = nlp.pipe(TEXTS)
    next(stream)
    with pytest.raises(KeyError):
        stream.throw(KeyError("the caller's"))
    assert not seen


def test_memory_zone(nlp):
    with nlp.memory_zone():
        inside = [nlp(text).tensor.copy() for text in TEXTS]
    for tensor, text in zip(inside, TEXTS, strict=True):
        np.testing.assert_array_equal(nlp(text).tensor, tensor)
