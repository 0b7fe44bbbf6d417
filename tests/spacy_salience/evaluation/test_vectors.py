import numpy as np
import pytest

from salience.errors import DtypeError, RangeError, ShapeError
from spacy_salience.evaluation import vectors
from spacy_salience.evaluation.vectors import Vectors

from .conftest import letters


def test_each_text_is_encoded_once_in_batches(monkeypatch):
    monkeypatch.setattr(vectors, "TEXTS_AT_ONCE", 2)
    seen = []

    def encode(texts):
        seen.append(list(texts))
        return letters(texts)

    found = Vectors(encode, ["ab", "c", "ab", "dd", "c", "e", "f"])
    assert seen == [["ab", "c"], ["dd", "e"], ["f"]]
    np.testing.assert_array_equal(found(["f", "ab", "f"]), letters(["f", "ab", "f"]))


def test_no_texts_need_no_model():
    def encode(texts):
        raise AssertionError

    Vectors(encode, [])


@pytest.mark.parametrize(
    ("encode", "error", "message"),
    [
        (lambda texts: letters(texts)[1:], ShapeError, r"the shape \[2, D\], got \[1, 10\]"),
        (lambda texts: letters(texts)[:, 0], ShapeError, r"\[2, D\], got \[2\]"),
        (lambda texts: letters(texts).astype(int), DtypeError, "floating-point numbers, got int64"),
        (lambda texts: letters(texts) * np.nan, RangeError, "not finite"),
    ],
)
def test_what_is_no_vector_a_text_is_refused(encode, error, message):
    with pytest.raises(error, match=f"^mine: the vectors of texts .*{message}"):
        Vectors(encode, ["a", "b"], "mine")


def test_a_width_that_changes_is_refused(monkeypatch):
    monkeypatch.setattr(vectors, "TEXTS_AT_ONCE", 1)
    widths = iter([3, 4])
    with pytest.raises(ShapeError, match=r"\[1, 3\], got \[1, 4\]"):
        Vectors(lambda texts: np.ones((1, next(widths)), np.float32), ["a", "b"])
