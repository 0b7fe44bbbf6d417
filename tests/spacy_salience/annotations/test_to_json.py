"""Results as JSON, and back."""

import json

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc
from spacy.tokens.underscore import Underscore

from salience.errors import AnnotationError
from spacy_salience import register, similarity, to_json

from ..conftest import TEXTS
from .test_readers import both

RESULTS = ["salience", "salience_vector", "attention"]


def through_json(vocab, data):
    return Doc(vocab).from_json(json.loads(json.dumps(data)))


@pytest.mark.parametrize("text", TEXTS)
def test_there_and_back_are_the_same_numbers(nlp, text):
    doc, other = nlp(text), nlp("a dog")
    data = to_json(doc)
    assert data["text"] == text
    assert all(isinstance(data["_"][name], list) for name in RESULTS)
    back = through_json(nlp.vocab, data)
    for name in RESULTS:
        found, want = back._.get(name), doc._.get(name)
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found, want)
    assert back.similarity(other) == doc.similarity(other)
    assert [token._.salience for token in back] == [token._.salience for token in doc]


def test_the_names_that_are_asked_for_are_there_and_others_too(nlp):
    doc = nlp("a warm cat")
    Doc.set_extension("source", default="here", force=True)
    found = to_json(doc, ["source", "salience"])["_"]
    assert found["source"] == "here"
    assert found["salience"] == doc._.salience.tolist()
    assert "attention" not in found
    assert to_json(doc, []) == doc.to_json()
    with pytest.raises(ValueError, match="E106"):
        to_json(doc, ["salience", "no_such"])


def test_one_that_was_not_processed_has_none(nlp):
    doc = nlp.make_doc("a cat")
    assert to_json(doc)["_"] == dict.fromkeys(RESULTS)
    assert through_json(nlp.vocab, to_json(doc))._.salience is None


def test_spacy_s_own_way_refuses_arrays_by_name(nlp):
    with pytest.raises(ValueError, match=r"E107.*`salience`"):
        nlp("a cat").to_json(underscore=["salience"])


def test_stamps_come_back_too(nlp, en_small):
    one, other = nlp("the cats sat on the warm mat"), en_small("a dog")
    back = through_json(nlp.vocab, to_json(one))
    both(back)
    with pytest.raises(AnnotationError, match="found those of others"):
        _ = back._.salience
    found = to_json(one)
    found["_"]["salience_stamp"] = to_json(other)["_"]["salience_stamp"]
    with pytest.raises(AnnotationError, match="found those of others"):
        _ = through_json(nlp.vocab, found)._.salience
    short = to_json(one, ["salience"])
    short["_"]["salience"].pop()
    with pytest.raises(AnnotationError, match="each of the 7 tokens, found 6"):
        _ = through_json(nlp.vocab, short)._.salience


@pytest.mark.parametrize("value", ["warm", 3, {"a": 1}, [[1.0]], ["x"], [None]])
def test_what_is_no_list_of_numbers_is_refused_by_name(nlp, value):
    data = to_json(nlp("a cat"))
    data["_"]["attention"] = value
    with pytest.raises(
        AnnotationError, match=r"^doc\._\.attention: expected an array or a list of"
    ):
        Doc(nlp.vocab).from_json(data)


def test_it_is_read_where_no_component_was_made(nlp):
    doc, other = nlp("a warm cat"), nlp("a dog")
    data, kept = to_json(doc), Underscore.get_state()
    Underscore.load_state(({}, {}, {}))
    try:
        register()
        back = through_json(spacy.blank("en").vocab, data)
        assert similarity(back, other) == doc.similarity(other)
        assert back._.salience.tolist() == doc._.salience.tolist()
    finally:
        Underscore.load_state(kept)


@pytest.mark.parametrize("value", ["warm", 3, ["x"], "0" * 23, "0" * 25, "A" * 24, "0" * 24 + "\n"])
def test_what_is_no_stamp_is_refused_by_name(nlp, value):
    data = to_json(nlp("a cat"))
    data["_"]["salience_stamp"] = value
    with pytest.raises(AnnotationError, match=r"^doc\._\.salience_stamp: expected 24 hexadecimal"):
        Doc(nlp.vocab).from_json(data)
