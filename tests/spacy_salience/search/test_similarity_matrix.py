"""Many documents with many, beside NumPy in float64."""

import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc

from salience import threads
from salience.errors import AnnotationError, DtypeError, RangeError, ShapeError
from salience.testing import random_floats
from spacy_salience import Nearest, similarity, similarity_matrix, vector_of

from ...salience import helpers
from ...salience.ops.promises import backwards, read_only, strided
from ..conftest import TEXTS, pipeline

METRICS = ("cosine", "dot", "euclidean")
every_metric = pytest.mark.parametrize("metric", METRICS)
TOO_MANY = 40_000


def wanted(a, b, metric):
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if metric == "euclidean":
        return np.linalg.norm(a[:, None] - b, axis=2)
    if metric == "dot":
        return a @ b.T
    lengths = np.linalg.norm(a, axis=1)[:, None] * np.linalg.norm(b, axis=1)
    return np.divide(a @ b.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def vectors(items):
    return np.array([vector_of(item) for item in items])


@every_metric
def test_documents_of_a_pipe_are_compared_as_numpy_would(nlp, metric):
    a, b = list(nlp.pipe(TEXTS)), list(nlp.pipe([*TEXTS[::-1], "One more."]))
    got = similarity_matrix(a, b, metric=metric)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wanted(vectors(a), vectors(b), metric), rtol=1e-5, atol=1e-6)


@every_metric
def test_the_nearest_are_the_sorted_matrix(nlp, metric):
    a, b = list(nlp.pipe(TEXTS)), list(nlp.pipe([*TEXTS, *TEXTS[::-1], "One more."]))
    scores = similarity_matrix(a, b, metric=metric)
    order = np.argsort(scores if metric == "euclidean" else -scores, axis=1, kind="stable")
    found = similarity_matrix(a, b, top_k=4, metric=metric)
    assert isinstance(found, Nearest)
    np.testing.assert_array_equal(found.indices, order[:, :4])
    np.testing.assert_array_equal(found.scores, np.take_along_axis(scores, order[:, :4], axis=1))
    everything = similarity_matrix(a, b, top_k=100, metric=metric)
    np.testing.assert_array_equal(everything.indices, order)


def test_a_single_pair_says_the_same(nlp):
    docs = list(nlp.pipe(TEXTS))
    items = [*docs, docs[0][1:4], docs[1][:0], docs[1][2], docs[4][3]]
    matrix = similarity_matrix(items)
    pairs = [[similarity(a, b) for b in items] for a in items]
    np.testing.assert_allclose(matrix, pairs, atol=1e-6)
    for i, item in enumerate(items):  # exactly, of the empty ones too
        assert matrix[i, i] == similarity(item, item) == float(np.any(vector_of(item)))


def test_an_empty_document_has_a_cosine_of_0_with_all_and_itself(nlp):
    docs = list(nlp.pipe(TEXTS))
    matrix, empty = similarity_matrix(docs), TEXTS.index("")
    assert not matrix[empty].any()
    assert not matrix[:, empty].any()
    distances = similarity_matrix(docs, metric="euclidean")
    nearest = similarity_matrix(docs, top_k=1, metric="euclidean").scores
    assert not np.signbit(nearest).any()
    np.testing.assert_allclose(distances[empty], np.linalg.norm(vectors(docs), axis=1), rtol=1e-6)


def test_a_comparison_with_itself_is_symmetric_and_finds_each_item_itself(nlp):
    docs = list(nlp.pipe(["Cats sat.", "A dog slept.", "Cats sat.", "It was warm."]))
    matrix = similarity_matrix(docs)
    assert helpers.same_bits(matrix, matrix.T.copy())
    assert (np.diag(matrix) == 1).all()
    assert matrix[0, 2] == 1  # equal documents are as equal as one
    found = similarity_matrix(docs, top_k=2)
    np.testing.assert_array_equal(found.indices[[0, 2]], [[0, 2], [2, 0]])
    np.testing.assert_array_equal(found.indices[[1, 3], 0], [1, 3])
    assert (found.scores[:, 0] == 1).all()
    assert helpers.same_bits(matrix, similarity_matrix(docs, list(docs)))


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["bytes", "processes"])
def test_documents_that_travelled_give_the_same_bits(model_file, way):
    nlp = pipeline(model_file)
    docs = list(nlp.pipe(TEXTS))
    if way == "bytes":
        others = [Doc(nlp.vocab).from_bytes(doc.to_bytes()) for doc in docs]
    else:
        others = list(nlp.pipe(TEXTS, n_process=2, batch_size=2))
    assert helpers.same_bits(similarity_matrix(others), similarity_matrix(docs))
    assert helpers.same_bits(similarity_matrix(docs, others), similarity_matrix(docs))


def test_takes_any_iterable(nlp):
    docs = list(nlp.pipe(TEXTS))
    want = similarity_matrix(docs)
    assert helpers.same_bits(similarity_matrix(iter(docs), tuple(docs)), want)
    assert helpers.same_bits(similarity_matrix(doc for doc in docs), want)
    tokens, other = similarity_matrix(list(docs[0]), list(docs[1])), docs[0].tensor
    np.testing.assert_allclose(tokens, wanted(other, docs[1].tensor, "cosine"), atol=1e-6)
    assert helpers.same_bits(tokens, similarity_matrix(docs[0].tensor, docs[1].tensor))


@every_metric
@pytest.mark.parametrize("form", [read_only, strided, backwards, lambda x: x.astype(np.float64)])
def test_the_form_of_an_array_changes_no_bit(metric, form):
    a, b = random_floats(30, 9), random_floats(70, 9, seed=1)
    for named in ({}, {"top_k": 5}):
        want = similarity_matrix(a, b, metric=metric, **named)
        assert helpers.same_bits(similarity_matrix(form(a), form(b), metric=metric, **named), want)


@every_metric
def test_nothing_is_compared_with_something(nlp, metric):
    docs = list(nlp.pipe(TEXTS))
    assert similarity_matrix([], metric=metric).shape == (0, 0)
    assert similarity_matrix([], docs, metric=metric).shape == (0, 5)
    assert similarity_matrix(docs, [], metric=metric).shape == (5, 0)
    assert similarity_matrix(docs, [], top_k=3, metric=metric).indices.shape == (5, 0)
    assert similarity_matrix([], docs, top_k=3, metric=metric).scores.shape == (0, 3)


@every_metric
def test_the_bits_are_those_of_any_number_of_threads(metric):
    a, b = random_floats(300, 9), random_floats(700, 9, seed=1)
    results = []
    for count in (1, 4):
        with threads.limited_to(count):
            whole, other = (
                similarity_matrix(a, metric=metric),
                similarity_matrix(a, b, metric=metric),
            )
            results.append((whole, other, *similarity_matrix(a, b, top_k=20, metric=metric)))
    assert helpers.same_bits(*results)


@every_metric
def test_the_nearest_are_found_without_the_matrix(metric):
    a, b = random_floats(1000, 4), random_floats(TOO_MANY, 4, seed=1)
    similarity_matrix(a[:1], b[:10], top_k=3, metric=metric)  # compile
    tracemalloc.start()
    try:
        with threads.limited_to(2):
            similarity_matrix(a, b, top_k=3, metric=metric)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The packed vectors, and a block of scores a thread; the matrix has 160 MB.
    assert peak < b.nbytes + 2**21


def test_documents_that_were_not_processed_are_refused_before_work_begins(nlp):
    docs = [nlp("One."), spacy.blank("en")("Two.")]
    with pytest.raises(AnnotationError, match=r'nlp.add_pipe\("salience"\)'):
        similarity_matrix(docs)
    with pytest.raises(AnnotationError, match="expected a Doc, a Span or a Token, got str"):
        similarity_matrix(["One."])


def test_one_document_is_not_several(nlp):
    doc = nlp("One and two.")
    for one, kind in ((doc, "Doc"), (doc[:2], "Span"), (doc[0], "Token")):
        with pytest.raises(
            AnnotationError, match=f"^similarity_matrix: docs_b .* one {kind}; give"
        ):
            similarity_matrix([doc], one)


@pytest.mark.parametrize("k", [0, -1, 1.5, True])
def test_refuses_a_k_below_1(k):
    with pytest.raises(RangeError, match=f"^similarity_matrix: top_k must be .* >= 1, got {k}"):
        similarity_matrix(random_floats(2, 3), top_k=k)


def test_refuses_another_metric():
    with pytest.raises(RangeError, match="metric must be one of cosine, dot, euclidean; got 'L1'"):
        similarity_matrix(random_floats(2, 3), metric="L1")


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_refuses_numbers_that_are_not_finite(bad):
    array = random_floats(2, 3)
    array[1, 2] = bad
    with pytest.raises(
        RangeError, match=r"^similarity_matrix: docs_b holds numbers that are not f"
    ):
        similarity_matrix(random_floats(2, 3), array)


@pytest.mark.parametrize("metric", ["dot", "euclidean"])
def test_refuses_scores_beyond_float32(metric):
    array = np.full((2, 4), 5e18, dtype=np.float32)
    with pytest.raises(RangeError, match=r"docs_a must hold numbers within 4.61e\+18, got 5e\+18"):
        similarity_matrix(array, metric=metric)
    assert np.isfinite(similarity_matrix(0.9 * array, -0.9 * array, metric=metric)).all()
    assert (similarity_matrix(array) == 1).all()


def test_refuses_vectors_of_another_width_or_kind(nlp):
    docs = [nlp("One."), nlp("Two.")]
    with pytest.raises(ShapeError, match="docs_b must have vectors of width 16 as the others, got"):
        similarity_matrix(docs, random_floats(2, 3))
    docs[1]._.salience_vector = random_floats(5)
    with pytest.raises(ShapeError, match=r"docs_a must have vectors of one width, got \[5, 16\]"):
        similarity_matrix(docs)
    with pytest.raises(DtypeError, match="docs_a must hold floating-point numbers, got int"):
        similarity_matrix(np.arange(6).reshape(2, 3))
    with pytest.raises(ShapeError, match=r"docs_a must have the shape \[N, D\], got \[3\]"):
        similarity_matrix(random_floats(3))


@pytest.mark.parametrize("top_k", [None, 600_000_000])
def test_what_memory_has_no_room_for_is_refused(monkeypatch, top_k):
    many = np.ones((8_000, 2), np.float32)
    monkeypatch.setattr("salience.room.free", lambda: 2 * 10**8)
    refused = r"^similarity_matrix: 8000 x 8000 .* GB of memory.*top_k=10.*Index\(docs_b\).nearest"
    with pytest.raises(RangeError, match=refused):
        similarity_matrix(many, top_k=top_k)
    with pytest.raises(RangeError, match=refused):
        similarity_matrix(many, many.copy(), top_k=top_k)
    assert similarity_matrix(many[:100]).shape == (100, 100)


def test_what_the_system_refuses_is_refused_alike():
    """A limit of the process, which the system's files do not know of."""
    pytest.importorskip("resource", reason="limits as of POSIX")
    code = """
import resource, numpy as np
from salience.errors import RangeError
from spacy_salience import similarity_matrix
many = np.ones((40_000, 2), np.float32)
similarity_matrix(many[:9])
resource.setrlimit(resource.RLIMIT_AS, (4 * 2**30, 4 * 2**30))
try:
    similarity_matrix(many)
except RangeError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=240)
    assert done.stdout.startswith("similarity_matrix: 40000 x 40000 scores need 6.4 GB"), (
        done.stderr
    )
