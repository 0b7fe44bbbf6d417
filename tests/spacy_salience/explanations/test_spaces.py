"""The sum over pairs is exact in the space that two texts are compared in."""

import numpy as np
import pytest

from salience.errors import AnnotationError
from spacy_salience import explain, render, similarity

from ..projected import NARROWER, OTHER, TEXT, WIDER, every_width, matrix_of, projected

KINDS = {
    "doc": lambda doc: doc, "span": lambda doc: doc[1:5], "token": lambda doc: doc[2],
    "blank": lambda doc: doc[0:0],
}  # fmt: skip
every_pair = pytest.mark.parametrize("pair", [(a, b) for a in KINDS for b in KINDS])


@every_width
@every_pair
def test_contributions_sum_to_the_similarity(tmp_path, width, pair):
    nlp = projected(tmp_path, width)
    a, b = (KINDS[kind](nlp(text)) for kind, text in zip(pair, (TEXT, OTHER), strict=True))
    why = explain(a, b)
    assert why.score == similarity(a, b)
    assert why.contributions.dtype == np.float64
    assert why.contributions.sum() == pytest.approx(why.score, abs=2e-7)
    for by in ("word", "entity"):
        grouped = why.by(by)
        assert grouped.contributions.sum() == pytest.approx(why.score, abs=2e-7)
        assert grouped.space == explain(a, b, by=by).space == why.space
    assert why.space == ("token" if pair == ("token", "token") else "document")


@every_width
def test_a_pair_adds_the_product_of_what_is_projected(tmp_path, width):
    nlp = projected(tmp_path, width)
    a, b, P = nlp(TEXT), nlp(OTHER), matrix_of(nlp).astype(np.float64)
    left, right = (doc._.salience[:, None] * doc.tensor @ P.T for doc in (a, b))
    want = left @ right.T / np.linalg.norm(left.sum(axis=0)) / np.linalg.norm(right.sum(axis=0))
    np.testing.assert_allclose(explain(a, b).contributions, want, atol=1e-6)
    v, w = a.tensor[1], b.tensor[7]
    of_tokens = v @ w / np.linalg.norm(v) / np.linalg.norm(w)
    np.testing.assert_allclose(explain(a[1], b[7]).contributions, [[of_tokens]], atol=1e-6)


def test_a_picture_has_the_same_sum(tmp_path):
    nlp = projected(tmp_path, WIDER)
    a, b = nlp(TEXT), nlp(OTHER)
    assert f"similarity {a.similarity(b):.4f}" in render((a, b), style="similarity", output="text")


def test_a_vector_that_is_not_the_sum_is_refused(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    a, b = nlp(TEXT), nlp(OTHER)
    a._.salience = np.roll(a._.salience, 3)
    with pytest.raises(AnnotationError, match="the sum of its tokens' by salience"):
        explain(a, b)


def test_long_texts_too(tmp_path):
    nlp = projected(tmp_path, NARROWER)
    a, b = nlp(" ".join([TEXT, OTHER] * 200)), nlp(OTHER * 50)
    why = explain(a, b, by="word")
    assert why.contributions.sum() == pytest.approx(a.similarity(b), abs=2e-7)
