"""A collection compared with itself: each item first among its equals, or left out."""

import numpy as np
import pytest

from salience import threads
from salience.errors import RangeError
from salience.testing import random_floats
from spacy_salience import Index, nearest, similarity_matrix
from spacy_salience.search import itself

from ...salience import helpers
from ..conftest import TEXTS

every_metric = pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
WAYS = ("matrix", "exact", "usearch")
every_way = pytest.mark.parametrize("way", WAYS)


def neighbours(way, items, k, metric="cosine", **named):
    """Of a collection with itself, in each way there is."""
    if way == "matrix":
        return similarity_matrix(items, top_k=k, metric=metric, **named)
    if way == "usearch":
        pytest.importorskip("usearch", reason="not installed: pip install 'salience[ann]'")
    with threads.limited_to(1):  # a graph that several threads build differs from run to run
        return Index(items, metric=metric, backend=way).nearest(None, k, **named)


def wanted(items, k, metric, exclude_self=False):
    """The same of the whole matrix, row by row."""
    scores = similarity_matrix(items, items, metric=metric)
    rising = scores if metric == "euclidean" else -scores
    indices = []
    for i, row in enumerate(rising):
        order = sorted(range(len(row)), key=lambda j: (row[j], j != i, j))
        indices.append([j for j in order if not exclude_self or j != i][:k])
    indices = np.array(indices, dtype=np.int64).reshape(len(items), -1)
    return indices, np.take_along_axis(scores, indices, axis=1)


def with_equals(rows=60, width=7):
    """Vectors with equals near and far, some of zeros, and some of one direction."""
    vectors = random_floats(rows, width)
    vectors[7] = vectors[2]
    vectors[50:55] = vectors[11]
    vectors[[3, 30]] = 0
    vectors[[20, 21]] = 2 * vectors[[40, 41]]
    return vectors


@every_way
@every_metric
@pytest.mark.parametrize("k", [1, 2, 5, 60, 99])
@pytest.mark.parametrize("exclude_self", [False, True])
def test_an_item_is_before_its_equals_or_left_out(way, metric, k, exclude_self):
    vectors = with_equals()
    found = neighbours(way, vectors, k, metric, exclude_self=exclude_self)
    indices, scores = wanted(vectors, k, metric, exclude_self)
    assert helpers.same_bits(found.scores, scores)
    if way != "usearch":  # of equals it finds any k
        np.testing.assert_array_equal(found.indices, indices)
    is_itself = found.indices == np.arange(60)[:, None]
    assert all(len(set(row)) == len(row) for row in found.indices.tolist())
    assert not (exclude_self and is_itself.any())
    if metric != "dot" and not exclude_self:
        assert is_itself[:, 0].all()


@every_way
@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_the_second_of_two_equals_finds_itself_and_then_the_first(way, metric):
    vectors = random_floats(9, 4)
    vectors[7] = vectors[2]
    found = neighbours(way, vectors, 2, metric)
    np.testing.assert_array_equal(found.indices[[2, 7]], [[2, 7], [7, 2]])
    found = neighbours(way, vectors, 1, metric, exclude_self=True)
    np.testing.assert_array_equal(found.indices[[2, 7], 0], [7, 2])


@every_way
@every_metric
def test_of_many_equals_each_is_its_own(way, metric):
    vectors = np.tile(random_floats(1, 4), (300, 1))
    found = neighbours(way, vectors, 3, metric)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(300))
    others = neighbours(way, vectors, 3, metric, exclude_self=True)
    assert not (others.indices == np.arange(300)[:, None]).any()
    assert (others.scores == found.scores[0, 0]).all()
    if way != "usearch":
        assert found.indices[100].tolist() == [100, 0, 1]
        assert others.indices[[0, 1, 299]].tolist() == [[1, 2, 3], [0, 2, 3], [0, 1, 2]]


@every_way
def test_of_empty_documents_each_is_its_own_by_its_place(way, nlp):
    docs = list(nlp.pipe(["The cat sat.", "", "A dog slept.", "", "It was warm."]))
    found = neighbours(way, docs, 5)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(5))
    np.testing.assert_array_equal(found.indices[[1, 3]], [[1, 0, 2, 3, 4], [3, 0, 1, 2, 4]])
    assert not found.scores[[1, 3]].any()
    found = neighbours(way, docs, 5, exclude_self=True)
    np.testing.assert_array_equal(np.sort(found.indices[3]), [0, 1, 2, 4])


@every_way
@pytest.mark.parametrize("scale", [1e-30, 1e-3, 1e15])
def test_nearly_equal_rows_are_never_before_the_row_itself(way, scale):
    vectors = np.repeat(random_floats(40, 33), 5, axis=0)
    vectors = (vectors * (1 + 1e-7 * random_floats(200, 33, seed=1)) * scale).astype(np.float32)
    for metric in ("cosine", "euclidean"):
        found = neighbours(way, vectors, 4, metric)
        np.testing.assert_array_equal(found.indices[:, 0], np.arange(200))


@every_way
def test_by_dot_a_longer_vector_is_nearer(way):
    vectors = np.float32([[1, 0], [3, 0], [1, 0], [0, 2]])
    found = neighbours(way, vectors, 4, "dot")
    want = [[1, 0, 2, 3], [1, 0, 2, 3], [1, 2, 0, 3], [3, 0, 1, 2]]
    np.testing.assert_array_equal(found.indices, want)
    np.testing.assert_array_equal(found.scores[2], [3, 1, 1, 0])
    found = neighbours(way, vectors, 3, "dot", exclude_self=True)
    np.testing.assert_array_equal(found.indices, [[1, 2, 3], [0, 2, 3], [1, 0, 3], [0, 1, 2]])


def test_by_dot_an_item_takes_the_last_place_of_an_equal():
    vectors = np.float32([[1, 0], [3, 0], [1, 0], [0, 2]])
    found = similarity_matrix(vectors, top_k=2, metric="dot")
    np.testing.assert_array_equal(found.indices[:3], [[1, 0], [1, 0], [1, 2]])


@every_way
@pytest.mark.parametrize("block", [1, 17, 64])
def test_blocks_change_nothing(way, monkeypatch, block):
    vectors = random_floats(150, 40)
    want = neighbours(way, vectors, 4)
    of_others = neighbours(way, vectors, 4, exclude_self=True)
    # A block of the exact index begins a strip.
    monkeypatch.setattr(itself, "ITEMS_AT_ONCE", block if way == "usearch" else 64)
    monkeypatch.setattr(itself, "SCORED_AT_ONCE", block)
    assert helpers.same_bits(tuple(neighbours(way, vectors, 4)), tuple(want))
    found = neighbours(way, vectors, 4, exclude_self=True)
    assert helpers.same_bits(tuple(found), tuple(of_others))


@every_way
@every_metric
def test_there_are_no_others_of_none_and_of_one(way, metric):
    for count in (0, 1):
        found = neighbours(way, random_floats(count, 3), 4, metric)
        assert found.indices.tolist() == [[0]] * count
        found = neighbours(way, random_floats(count, 3), 4, metric, exclude_self=True)
        assert found.indices.shape == found.scores.shape == (count, 0)
    assert neighbours(way, [], 2, metric, exclude_self=True).indices.shape == (0, 0)


def test_docs_spans_and_any_iterable_are_compared_with_themselves(nlp):
    docs = list(nlp.pipe([*TEXTS, *TEXTS]))
    found = similarity_matrix(iter(docs), top_k=1, exclude_self=True)
    others = [TEXTS.index(TEXTS[i]) + 5 for i in range(5)]
    np.testing.assert_array_equal(found.indices[[0, 1, 3, 4], 0], np.array(others)[[0, 1, 3, 4]])
    spans = [doc[:2] for doc in docs]
    found = similarity_matrix(spans, top_k=1)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(10))


def test_usearch_that_misses_an_item_lists_it_all_the_same(monkeypatch):
    pytest.importorskip("usearch", reason="not installed: pip install 'salience[ann]'")
    vectors = random_floats(30, 5)
    index = Index(vectors, backend="usearch")
    graph = index._collection
    graph.search_rows = lambda rows, k: graph.search(-rows, k)  # finds all but the item
    found = index.nearest(None, 3)
    np.testing.assert_array_equal(found.indices[:, 0], np.arange(30))
    assert (found.scores[:, 0] == 1).all()
    found = index.nearest(None, 3, exclude_self=True)
    assert found.indices.shape == (30, 3)
    assert not (found.indices == np.arange(30)[:, None]).any()


@pytest.mark.parametrize("way", WAYS[1:])
@every_metric
def test_an_index_leaves_out_queries_that_are_its_own_items(way, metric):
    vectors = with_equals()
    want = neighbours(way, vectors, 59, metric, exclude_self=True)
    index = Index(vectors, metric=metric, backend=way)
    found = index.nearest(vectors.copy(), 59, exclude_self=True)
    assert helpers.same_bits(tuple(found), tuple(want))
    others = vectors.copy()
    others[59, 6] += 1
    for queries, got in (
        (vectors[:4], "got 4 of 60"),
        (others, "got other vectors"),
        (vectors[::-1], "got other vectors"),
        (vectors[3], "got one query, whose place is not known"),
    ):
        with pytest.raises(RangeError, match=rf"^Index.nearest: exclude_self needs .* {got}; lea"):
            index.nearest(queries, 4, exclude_self=True)


def test_queries_are_others_unless_it_is_said(nlp):
    vectors = random_floats(9, 4)
    vectors[7] = vectors[2]
    for found in (similarity_matrix(vectors, vectors, top_k=2), Index(vectors).nearest(vectors, 2)):
        np.testing.assert_array_equal(found.indices[7], [2, 7])


@every_metric
def test_one_that_is_among_the_others_is_before_its_equals_or_left_out(nlp, metric):
    docs = list(nlp.pipe(["The cat sat.", "It was warm.", "The cat sat.", "", ""]))
    spans, tokens = [doc[:2] for doc in docs[:3]], [token for doc in docs for token in doc]
    for items in (docs, spans, tokens):
        whole = similarity_matrix(items, top_k=3, metric=metric)
        others = similarity_matrix(items, top_k=3, metric=metric, exclude_self=True)
        for i, item in enumerate(items):
            again = item.doc[item.start : item.end] if items is spans else item
            found = nearest(again, iter(items), 3, metric=metric)
            assert helpers.same_bits(tuple(found), (whole.indices[i], whole.scores[i]))
            found = nearest(again, items, 3, metric=metric, exclude_self=True)
            assert helpers.same_bits(tuple(found), (others.indices[i], others.scores[i]))
    assert nearest(docs[1], [docs[1]], 3, metric=metric, exclude_self=True).indices.shape == (0,)


def test_what_cannot_be_left_out_is_said(nlp):
    docs = list(nlp.pipe(TEXTS))
    vectors = random_floats(4, 3)
    text = r"^similarity_matrix: exclude_self needs one collection .* got docs_b, whose items are"
    for more in ({}, {"top_k": 2}):
        with pytest.raises(RangeError, match=text):
            similarity_matrix(docs, docs, exclude_self=True, **more)
    with pytest.raises(RangeError, match=r"^similarity_matrix: exclude_self .* needs top_k; of"):
        similarity_matrix(docs, exclude_self=True)
    text = r"^nearest: exclude_self needs a query that is one of docs, .* and found none"
    for query, items in ((nlp(TEXTS[0]), docs), (docs[0], docs[1:]), (vectors[0], vectors),
                         (docs[0], np.array([docs[0].vector])), (docs[0][0], docs)):  # fmt: skip
        with pytest.raises(RangeError, match=text):
            nearest(query, items, 2, exclude_self=True)
