"""An Index that is saved, pickled, copied, and sent to other processes."""

import copy
import multiprocessing
import os
import pickle
import sys

import numpy as np
import pytest
import spacy

from salience.errors import MissingPackageError, WeightsError
from salience.model import weights
from salience.testing import random_floats
from spacy_salience import Index
from spacy_salience.search import stored

from ...salience import helpers
from ..conftest import TEXTS

VECTORS = random_floats(70, 9)
QUERIES = random_floats(5, 9, seed=1)

every_metric = pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])


def pickled(index, path):
    return pickle.loads(pickle.dumps(index))


def copied(index, path):
    return copy.deepcopy(index)


def saved(index, path):
    index.to_disk(path)
    return Index.from_disk(str(path))


every_way = pytest.mark.parametrize("again", [pickled, copied, saved])


@pytest.fixture(params=["exact", "usearch"])
def backend(request):
    if request.param == "usearch":
        pytest.importorskip("usearch", reason="of the extra ann")
    return request.param


def finds(index):
    """What it finds of others and of itself, with and without itself."""
    found = index.nearest(QUERIES, 7), index.nearest(k=3), index.nearest(k=3, exclude_self=True)
    return [array for each in found for array in each]


@every_metric
@every_way
def test_it_finds_the_same_again(backend, metric, again, tmp_path):
    index = Index(VECTORS, metric=metric, backend=backend)
    made = again(index, tmp_path / "new" / "index.safetensors")
    assert (made.metric, made.backend, len(made)) == (metric, backend, 70)
    assert helpers.same_bits(tuple(finds(made)), tuple(finds(index)))
    assert helpers.same_bits(tuple(finds(again(made, tmp_path / "b"))), tuple(finds(index)))


@every_way
@pytest.mark.parametrize("shape", [(0, 0), (0, 4), (1, 4)])
def test_of_few_or_none(backend, again, shape, tmp_path):
    made = again(Index(random_floats(*shape), backend=backend), tmp_path / "index")
    assert len(made) == shape[0]
    assert made.nearest(random_floats(2, 4), 3).indices.shape == (2, shape[0])


def test_a_copy_is_its_own(backend):
    index = Index(VECTORS, backend=backend)
    assert copied(index, None)._collection is not index._collection


def test_a_spawned_process_searches_it(backend, nlp):
    docs = list(nlp.pipe(TEXTS))
    index, query = Index(docs, backend=backend), docs[1].vector
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        found = pool.apply(index.nearest, (query, 2))
    assert helpers.same_bits(tuple(found), tuple(index.nearest(query, 2)))


def test_equal_indexes_are_equal_files(tmp_path):
    for name in "ab":
        Index(VECTORS).to_disk(tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_damaged_file_is_refused(backend, tmp_path):
    path = tmp_path / "index"
    Index(VECTORS, backend=backend).to_disk(path)
    whole = path.read_bytes()
    for content in (whole[:-1], whole[:-9] + b"\x01" + whole[-8:], b"", whole[:40]):
        path.write_bytes(content)
        with pytest.raises(WeightsError, match=r"index: .*(damaged|truncated)"):
            Index.from_disk(path)
    with pytest.raises(WeightsError, match="none: expected a file"):
        Index.from_disk(tmp_path / "none")


def test_a_model_is_no_index_and_an_index_no_model(model_file, tmp_path):
    with pytest.raises(WeightsError, match=r"small.safetensors: expected an Index"):
        Index.from_disk(model_file)
    path = tmp_path / "index.safetensors"
    Index(VECTORS).to_disk(path)
    other = spacy.blank("en")
    other.add_pipe("salience", config={"model": {"pretrained": str(path)}})
    with pytest.raises(WeightsError, match=r"index.safetensors: .*'query' is missing"):
        other("a text")


ARRAY = np.ones((2, 3), np.float32)
FORGED = [
    {"metric": "other"},
    {"backend": "other"},
    {"rows": 3},
    {"width": -1},
    {"width": "3"},
    {"model": 3},
    {"array": ARRAY * np.nan},
    {"array": ARRAY[0]},
    {"array": np.ones((2, 3), np.int32)},
    {"metric": "dot", "array": ARRAY * 1e30},
]


@pytest.mark.parametrize("changes", FORGED, ids=str)
def test_a_file_that_says_what_cannot_be_is_refused(changes, tmp_path):
    state = stored.State("cosine", "exact", 2, 3, ARRAY, None)._replace(**changes)
    stored.write(state, tmp_path / "index")
    with pytest.raises(WeightsError, match=r"index: expected an Index, could not use it"):
        Index.from_disk(tmp_path / "index")


def test_a_file_without_its_settings_is_refused(tmp_path):
    found = weights.Weights({"array": ARRAY}, {"kind": "index"})
    weights.save(found, tmp_path / "index")
    with pytest.raises(WeightsError, match="could not use it"):
        Index.from_disk(tmp_path / "index")


@pytest.mark.parametrize("changes", [{"rows": 71}, {"width": 8}, {"array": np.ones(9, np.uint8)},
                                     {"array": ARRAY}], ids=str)  # fmt: skip
def test_a_graph_that_is_not_the_one_it_says_is_refused(changes, tmp_path):
    pytest.importorskip("usearch", reason="of the extra ann")
    state = Index(VECTORS, backend="usearch").__getstate__()
    stored.write(state._replace(**changes), tmp_path / "index")
    with pytest.raises(WeightsError, match="index: "):
        Index.from_disk(tmp_path / "index")


def test_without_usearch_its_index_says_what_is_missing(tmp_path, monkeypatch):
    pytest.importorskip("usearch", reason="of the extra ann")
    Index(VECTORS, backend="usearch").to_disk(tmp_path / "index")
    monkeypatch.setitem(sys.modules, "usearch.index", None)
    with pytest.raises(MissingPackageError, match=r"salience\[ann\]"):
        Index.from_disk(tmp_path / "index")


def test_a_save_that_fails_leaves_the_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "index"
    Index(VECTORS).to_disk(path)
    before = path.read_bytes()

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        Index(QUERIES).to_disk(path)
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["index"]
