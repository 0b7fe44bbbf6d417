import numpy as np
import pytest
import spacy

from salience.errors import DtypeError, RangeError, ShapeError
from salience.model.forms import is_sign
from salience.model.weights import load

from ..conftest import WORDS


@pytest.fixture
def component(nlp):
    return nlp.get_pipe("salience")


KNOWN = [word for word in WORDS if not is_sign(word)]
"""Signs are no words, whatever they are near to."""


def table(model_file):
    rows = [1 + WORDS.index(word) for word in KNOWN]
    return load(model_file).tensors["table"][rows].astype(np.float64)


def test_a_word_is_its_own_nearest(component, model_file):
    for word, row in zip(KNOWN, table(model_file), strict=True):
        assert component.nearest_words(row, 1)[0] == (word, pytest.approx(1, abs=1e-6))


def test_words_come_with_numpy_s_cosines(component, nlp, model_file):
    rows, vector = table(model_file), nlp("The cat sat on the mat.").vector
    cosines = rows @ vector / (np.linalg.norm(rows, axis=1) * np.linalg.norm(vector))
    want = [KNOWN[i] for i in np.argsort(-cosines)]
    found = component.nearest_words(vector, 100)
    assert [word for word, _ in found] == want
    np.testing.assert_allclose([score for _, score in found], -np.sort(-cosines), atol=1e-6)
    assert component.nearest_words(vector, 3) == found[:3]
    assert len(component.nearest_words(vector)) == 10


def test_the_embedded_model_knows_what_is_alike(en_small):
    found = en_small.get_pipe("salience").nearest_words(en_small("harbour")[0].vector, 3)
    assert found[0][0] == "harbour"
    assert "harbours" in [word for word, _ in found]


def test_words_are_those_of_weights_that_were_loaded(component, en_small):
    component.nearest_words(np.ones(16, np.float32))
    other = en_small.get_pipe("salience")
    component.from_bytes(other.to_bytes())
    vector = en_small("harbour").vector
    assert component.nearest_words(vector, 5) == other.nearest_words(vector, 5)


def test_refuses_what_is_no_vector_of_the_model(component):
    with pytest.raises(ShapeError, match=r"^nearest_words: vector must have the shape \[16\], got"):
        component.nearest_words(np.ones(3, np.float32))
    with pytest.raises(
        DtypeError, match=r"^nearest_words: vector must hold floating-point numbers"
    ):
        component.nearest_words(np.ones(16, int))
    with pytest.raises(
        RangeError, match=r"^nearest_words: vector holds numbers that are not finit"
    ):
        component.nearest_words(np.full(16, np.inf, np.float32))
    with pytest.raises(RangeError, match=r"^nearest_words: k must be a whole number >= 1, got 0"):
        component.nearest_words(np.ones(16, np.float32), 0)


@pytest.mark.parametrize("words", [None, "en_small"])
def test_an_encoder_that_learns_says_what_to_do_instead(words):
    nlp = spacy.blank("en")
    model = {"@architectures": "salience.Encoder.v1", "width": 8, "heads": 0, "words": words}
    component = nlp.add_pipe("salience", config={"model": model})
    with pytest.raises(RangeError, match=r"this one learns: .*nearest\(vector, list\(nlp.pipe"):
        component.nearest_words(np.ones(8, np.float32))
