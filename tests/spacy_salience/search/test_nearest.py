"""The nearest of one."""

import pytest

from salience.errors import RangeError, ShapeError
from salience.testing import random_floats
from spacy_salience import Index, nearest, similarity_matrix

from ...salience import helpers
from ..conftest import TEXTS

every_metric = pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])


@every_metric
def test_the_nearest_of_one_are_its_row_of_the_matrix(nlp, metric):
    docs = list(nlp.pipe(TEXTS))
    index = Index(docs, metric=metric)
    whole = similarity_matrix(docs, list(docs), top_k=3, metric=metric)
    itself = similarity_matrix(docs, top_k=3, metric=metric)
    for i, doc in enumerate(docs):
        row, vector = (whole.indices[i], whole.scores[i]), doc._.salience_vector
        for found in (
            nearest(vector, docs, 3, metric=metric),
            index.nearest(vector, 3),
            index.nearest(doc, 3),
        ):
            assert found.indices.shape == found.scores.shape == (3,)
            assert helpers.same_bits(tuple(found), row)
        found = nearest(doc, docs, 3, metric=metric)  # which is one of them
        assert helpers.same_bits(tuple(found), (itself.indices[i], itself.scores[i]))


def test_a_token_is_searched_among_tokens(nlp):
    docs = list(nlp.pipe(TEXTS))
    tokens = [token for doc in docs for token in doc]
    found = nearest(docs[0][1], tokens, 1)
    assert tokens[found.indices[0]].text == "cat"
    assert found.scores[0] == 1


def test_a_k_beyond_the_collection_gives_all_of_it(nlp):
    docs = list(nlp.pipe(TEXTS))
    assert sorted(nearest(docs[0], docs, 100).indices) == list(range(len(docs)))


def test_nothing_is_near_in_an_empty_collection(nlp):
    doc = nlp("One.")
    assert nearest(doc, []).indices.shape == (0,)


def test_refuses_what_cannot_be_searched(nlp):
    docs = list(nlp.pipe(TEXTS))
    with pytest.raises(RangeError, match=r"^nearest: query must be one Doc.* got list; of several"):
        nearest(docs, docs)
    with pytest.raises(RangeError, match=r"^nearest: k must be a whole number >= 1, got 0"):
        nearest(docs[0], docs, 0)
    with pytest.raises(ShapeError, match=r"^nearest: docs must have .* width 4 .* got 16"):
        nearest(random_floats(4), docs)
