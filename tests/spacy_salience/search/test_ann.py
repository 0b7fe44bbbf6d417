"""The approximate index, and what is said where usearch is not installed."""

import sys

import numpy as np
import pytest

from salience.errors import MissingPackageError
from salience.testing import random_floats
from spacy_salience import Index, nearest

from ...salience import helpers

every_metric = pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])


@pytest.fixture
def _usearch():
    pytest.importorskip("usearch", reason="usearch is not installed: pip install 'salience[ann]'")


def clustered(rows, seed):
    """Vectors around a few centres, as texts of a few subjects have them."""
    centres = 3 * random_floats(20, 32, seed=5)
    return centres[np.arange(rows) % 20] + random_floats(rows, 32, seed=seed)


@pytest.mark.usefixtures("_usearch")
@every_metric
def test_finds_nearly_all_with_exact_scores(metric):
    b, queries = clustered(2000, seed=0), clustered(50, seed=1)
    exact = Index(b, metric=metric).nearest(queries, 10)
    found = Index(b, metric=metric, backend="usearch").nearest(queries, 10)
    hits = (found.indices[:, :, None] == exact.indices[:, None]).any(axis=2)
    assert hits.mean() > 0.9
    everything = Index(b, metric=metric).nearest(queries, len(b))
    for place in np.ndindex(found.indices.shape):
        at = everything.indices[place[0]] == found.indices[place]
        assert everything.scores[place[0]][at] == found.scores[place]
    falling = found.scores if metric == "euclidean" else -found.scores
    assert (np.diff(falling, axis=1) >= 0).all()


@pytest.mark.usefixtures("_usearch")
@every_metric
def test_a_small_collection_is_found_whole(metric):
    b = random_floats(30, 5)
    b[[3, 7]] = b[1]
    b[4] = 0
    want = Index(b, metric=metric).nearest(b, 30)
    index = Index(b, metric=metric, backend="usearch")
    assert helpers.same_bits(tuple(index.nearest(b, 99)), tuple(want))
    one = index.nearest(b[2], 30)
    assert helpers.same_bits(tuple(one), (want.indices[2], want.scores[2]))


@pytest.mark.usefixtures("_usearch")
def test_many_equal_vectors_are_still_k(nlp):
    b = np.tile(random_floats(1, 4), (600, 1))
    found = Index(b, backend="usearch").nearest(b[:3], 200)
    assert all(len(set(row)) == 200 for row in found.indices.tolist())
    assert (found.scores == 1).all()


@pytest.mark.usefixtures("_usearch")
def test_nothing_is_near_in_an_empty_collection(nlp):
    docs = list(nlp.pipe(["One.", "Two."]))
    assert Index([], backend="usearch").nearest(docs).indices.shape == (2, 0)
    assert Index(docs, backend="usearch").nearest([]).indices.shape == (0, 2)


@pytest.mark.usefixtures("_usearch")
def test_opens_no_connection():
    script = """
import socket, spacy
def refuse(*args, **named): raise AssertionError("a socket was opened")
socket.socket = socket.create_connection = socket.getaddrinfo = refuse
import numpy as np
from spacy_salience import Index
a = np.eye(8, dtype=np.float32)
print(Index(a, backend="usearch").nearest(a, 1).indices[:, 0].tolist() == list(range(8)))
"""
    assert helpers.run_python(script) == "True"


def test_is_imported_only_where_it_is_asked_for():
    script = """
import sys
import numpy as np
from spacy_salience import Index, nearest
print("numba" in sys.modules)
a = np.eye(3, dtype=np.float32)
Index(a).nearest(a, 1), nearest(a[0], a, 1)
print("usearch" in sys.modules)
"""
    assert helpers.run_python(script) == "False\nFalse"


def test_a_missing_package_is_named_with_its_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    a = random_floats(5, 3)
    with pytest.raises(MissingPackageError, match=r"pip install 'salience\[ann\]', or use backend"):
        Index(a, backend="usearch")
    assert nearest(a[0], a, 1).indices[0] == 0
