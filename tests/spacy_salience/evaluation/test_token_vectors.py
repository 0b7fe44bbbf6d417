import numpy as np
import pytest

from salience.errors import RangeError, ShapeError
from spacy_salience.evaluation import token_vectors
from spacy_salience.evaluation.token_vectors import TokenVectors, of_each_kind

from .conftest import letters

SENTENCES = [("a", "bad"), ("egg",), ("a", "bad"), ("fig", "had", "a")]


def test_each_distinct_sentence_is_encoded_once_in_batches(monkeypatch):
    monkeypatch.setattr(token_vectors, "SENTENCES_AT_ONCE", 2)
    asked = []

    def encode(sentences):
        asked.append(list(sentences))
        return np.concatenate([letters(words) for words in sentences])

    vectors = TokenVectors(encode, SENTENCES, "m")
    assert asked == [[SENTENCES[0], SENTENCES[1]], [SENTENCES[3]]]
    np.testing.assert_array_equal(vectors(("egg",)), letters(["egg"]))
    np.testing.assert_array_equal(vectors.end_to_end(SENTENCES[1:3]), letters(["egg", "a", "bad"]))


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (np.ones((3, 2)), ShapeError),
        (np.ones(6), ShapeError),
        (np.full((6, 2), np.nan), RangeError),
    ],
)
def test_vectors_that_do_not_fit_are_refused(given, error):
    with pytest.raises(error, match=r"^mine: .*token vectors"):
        TokenVectors(lambda _: given, SENTENCES, "mine")


def test_figures_say_of_which_vectors_they_are():
    kinds = {"": "c", "static rows": "s"}
    assert of_each_kind(lambda each: {"F": ord(each)}, kinds) == {"F": 99, "F, static rows": 115}
