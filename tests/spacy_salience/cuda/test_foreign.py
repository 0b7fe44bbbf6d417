"""Vectors that live on a GPU are copied to be compared."""

from numba import cuda

from salience.testing import random_floats
from spacy_salience import Index, nearest, similarity_matrix

from ...salience import helpers


def test_vectors_on_the_gpu_are_copied():
    vectors = random_floats(4, 3)
    there = cuda.to_device(vectors)
    want = similarity_matrix(vectors)
    assert helpers.same_bits(similarity_matrix(there), want)
    assert helpers.same_bits(similarity_matrix([cuda.to_device(row) for row in vectors]), want)
    one = nearest(cuda.to_device(vectors[1]), there, 2)
    assert helpers.same_bits(tuple(one), tuple(Index(vectors).nearest(vectors[1], 2)))
