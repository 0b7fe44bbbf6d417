"""A document's result does not depend on its company, its place, threads or processes."""

import functools

import numpy as np
import pytest
import spacy

import salience

from .conftest import TEXTS
from .models.test_network import SMALL


@pytest.fixture
def alone(nlp):
    return [nlp(text).tensor for text in TEXTS]


def same(docs, expected):
    for doc, tensor in zip(docs, expected, strict=True):
        np.testing.assert_array_equal(doc.tensor, tensor)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
def test_in_any_batch(nlp, alone, batch_size):
    same(nlp.pipe(TEXTS, batch_size=batch_size), alone)


def test_in_any_order(nlp, alone):
    same(nlp.pipe(TEXTS[::-1]), alone[::-1])


@pytest.mark.parametrize("threads", [1, 2])
def test_with_any_number_of_threads(nlp, alone, threads):
    before = salience.get_num_threads()
    salience.set_num_threads(threads)
    try:
        docs = list(nlp.pipe(TEXTS * 60, batch_size=300))
    finally:
        salience.set_num_threads(before)
    same(docs, alone * 60)


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_in_worker_processes_after_the_parent_has_worked(nlp, alone):
    same(nlp.pipe(TEXTS * 3, n_process=2, batch_size=4), alone * 3)


@pytest.mark.filterwarnings("ignore:.*W109.*")
def test_worker_processes_bring_back_every_result(nlp):
    here = list(nlp.pipe(TEXTS))
    there = list(nlp.pipe(TEXTS, n_process=2))
    for a, b in zip(here, there, strict=True):
        np.testing.assert_array_equal(a._.salience, b._.salience)
        np.testing.assert_array_equal(a._.attention, b._.attention)
        np.testing.assert_array_equal(a._.salience_vector, b._.salience_vector)


@pytest.fixture(params=[False, True], ids=["frozen", "learns"])
def each(request, nlp):
    if not request.param:
        return nlp
    other = spacy.blank("en")
    other.add_pipe("salience", config={"model": SMALL})
    other.initialize()
    return other


def one_by_one(weights, vectors):
    """sum_t w_t v_t, by Python's own numbers, from the first token to the last."""
    columns = vectors.astype(np.float64).T.tolist()
    products = [
        [w * x for w, x in zip(weights.tolist(), column, strict=True)] for column in columns
    ]
    return np.float32([functools.reduce(float.__add__, column, 0.0) for column in products])


def test_vectors_are_summed_in_one_order_on_every_processor(each):
    for doc in each.pipe([*TEXTS, "word " * 300]):
        weights = doc._.salience.astype(np.float64)
        if each.get_pipe("salience").learns:
            np.testing.assert_array_equal(doc.vector, one_by_one(weights, doc.tensor))
        if len(doc) > 2:
            span = doc[1:200]
            inside = doc._.salience[1:200] / doc._.salience[1:200].sum()
            np.testing.assert_array_equal(span.vector, one_by_one(inside, doc.tensor[1:200]))
