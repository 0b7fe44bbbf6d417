"""A training that is ended and goes on ends with the bits of one that was not."""

import json
import os
import signal
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from safetensors.numpy import load_file

from salience import threads
from salience.errors import WeightsError
from salience.vectors import training
from salience.vectors.folder import SETTINGS_FILE, TENSORS_FILE, WORDS_LIST
from salience.vectors.training import POSITION, train
from salience.vectors.word_vectors import WordVectors

from ..helpers import needs_kernels
from .examples import SMALL, learner

pytestmark = needs_kernels


class KilledError(Exception):
    """As if the process had ended there."""


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    monkeypatch.setattr(training, "SLICES_AT_ONCE", 1)
    with threads.limited_to(1):
        yield


@pytest.fixture
def whole(tmp_path):
    assert train(learner(), tmp_path / "whole").finished
    return (tmp_path / "whole" / TENSORS_FILE).read_bytes()


def ended_by(act):
    ours, done = learner(), []

    def learn(epoch, first, last):
        result = type(ours).learn(ours, epoch, first, last)
        done.append(first)
        if len(done) == 2:
            act()
        return result

    ours.learn = learn
    return ours


def kill():
    raise KilledError


def test_killed_it_goes_on_to_the_same_bits(whole, tmp_path):
    with pytest.raises(KilledError):
        train(ended_by(kill), tmp_path, every=0)
    assert not (tmp_path / SETTINGS_FILE).exists()
    assert train(learner(), tmp_path).finished
    assert (tmp_path / TENSORS_FILE).read_bytes() == whole


def test_ctrl_c_leaves_what_was_learnt(whole, tmp_path):
    result = train(ended_by(lambda: os.kill(os.getpid(), signal.SIGINT)), tmp_path)
    assert (result.done, result.finished) == (2, False)
    assert not json.loads((tmp_path / SETTINGS_FILE).read_text())["finished"]
    assert load_file(tmp_path / TENSORS_FILE)["rows"].any()
    assert train(learner(), tmp_path).finished
    assert (tmp_path / TENSORS_FILE).read_bytes() == whole


@pytest.mark.parametrize("content", [b"", b"junk", b"PK\x03\x04"])
def test_a_damaged_checkpoint_is_refused_by_name(tmp_path, content):
    (tmp_path / POSITION).write_bytes(content)
    with pytest.raises(WeightsError, match=r"position\.npz: expected a checkpoint"):
        train(learner(), tmp_path)


def test_the_folder_has_words_rows_and_digests(tmp_path):
    ours = learner()
    train(ours, tmp_path)
    stated = json.loads((tmp_path / SETTINGS_FILE).read_text())
    for name, digest in stated["sha256"].items():
        assert sha256((tmp_path / name).read_bytes()).hexdigest() == digest
    assert (tmp_path / WORDS_LIST).read_text().splitlines() == list(ours.vocabulary.words)
    tensors = load_file(tmp_path / TENSORS_FILE)
    np.testing.assert_array_equal(tensors["rows"], ours.tables.rows)
    np.testing.assert_array_equal(tensors["counts"], ours.vocabulary.counts)


@pytest.mark.parametrize("form", ["word2vec", "fasttext", "floret"])
def test_what_was_learnt_is_read_as_word_vectors(tmp_path, form):
    ours = learner(replace(SMALL, form=form))
    train(ours, tmp_path)
    read = WordVectors.from_disk(tmp_path)
    words = [*ours.vocabulary.words[:3], "unheard"]
    np.testing.assert_array_equal(read.vectors(words), ours.vectors().vectors(words))
    assert read.vectors(words)[:3].any(axis=1).all()
