"""A collection that is searched many times; test_stored says how it is saved."""

import numpy as np
import pytest

from salience.errors import AnnotationError, RangeError, ShapeError
from salience.testing import random_floats
from spacy_salience import Index, similarity_matrix

from ...salience import helpers
from ..conftest import TEXTS

every_metric = pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])


@every_metric
def test_an_index_finds_what_the_matrix_finds(metric):
    a, b = random_floats(150, 9), random_floats(900, 9, seed=1)
    index = Index(b, metric=metric)
    assert len(index) == 900
    want = similarity_matrix(a, b, top_k=12, metric=metric)
    assert helpers.same_bits(tuple(index.nearest(a, 12)), tuple(want))
    assert helpers.same_bits(tuple(index.nearest(a, 12)), tuple(want))  # a search changes nothing


def test_an_index_keeps_its_own_numbers():
    b = random_floats(20, 5)
    index, queries = Index(b, metric="dot"), b.copy()
    want = index.nearest(queries, 4)
    b[:] = 0
    assert helpers.same_bits(tuple(index.nearest(queries, 4)), tuple(want))


def test_nothing_is_near_in_an_empty_collection(nlp):
    doc = nlp("One.")
    assert Index([]).nearest(doc).indices.shape == (0,)
    assert Index([]).nearest([doc, doc]).scores.shape == (2, 0)
    assert Index([doc]).nearest([]).indices.shape == (0, 1)
    assert Index(np.zeros((0, 3), np.float32)).nearest(random_floats(2, 3)).indices.shape == (2, 0)


def test_a_k_beyond_the_collection_gives_all_of_it(nlp):
    docs = list(nlp.pipe(TEXTS))
    assert Index(docs).nearest(docs[:2], 100).indices.shape == (2, len(docs))


def test_refuses_what_cannot_be_searched(nlp):
    docs = list(nlp.pipe(TEXTS))
    with pytest.raises(RangeError, match=r"^Index.nearest: k must be a whole number >= 1, got -2"):
        Index(docs).nearest(docs[0], -2)
    with pytest.raises(AnnotationError, match=r"^Index: docs must be several .* got one Doc"):
        Index(docs[0])
    with pytest.raises(RangeError, match=r"backend must be one of exact, usearch; got 'faiss'"):
        Index(docs, backend="faiss")
    with pytest.raises(RangeError, match="metric must be one of cosine, dot, euclidean; got 'cos'"):
        Index(docs, metric="cos")
    with pytest.raises(ShapeError, match=r"^Index.nearest: queries must have .* width 16 .* got 4"):
        Index(docs).nearest(random_floats(2, 4))
    with pytest.raises(RangeError, match=r"^Index.nearest: queries holds numbers that are not fin"):
        Index(docs).nearest(np.full(16, np.nan, np.float32))
    with pytest.raises(RangeError, match=r"^Index: docs must hold numbers within"):
        Index(np.full((2, 3), 1e30, np.float32), metric="euclidean")
