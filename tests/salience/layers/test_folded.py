"""Rows by words: worked out once, forgotten when what is behind them changes."""

import copy
import os
import pickle
import signal
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thinc.api import Model

from salience.layers import folded
from salience.layers.folded import Folded, each_once
from salience.testing import random_floats

WIDTHS = (3, 5)


class Words:
    """Rows that depend on a key and on two parameters, and how often they are worked out."""

    def __init__(self):
        self.parameters = [random_floats(3), random_floats(5, seed=1)]
        self.computed = []

    def rows(self, keys):
        own = np.asarray(keys, dtype=np.uint64)[:, None] % np.uint64(1009)
        return tuple(np.sin(own * p).astype(np.float32) for p in self.parameters)

    def ask(self, memory, keys):
        keys = np.asarray(keys, dtype=np.uint64)

        def compute(places):
            self.computed.extend(keys[places].tolist())
            return self.rows(keys[places])

        got = memory.rows(keys, self.parameters, compute)
        assert [part.shape for part in got] == [(len(keys), width) for width in WIDTHS]
        for part, want in zip(got, self.rows(keys), strict=True):
            assert part.dtype == np.float32
            np.testing.assert_array_equal(part, want)
        return got


@pytest.fixture
def words():
    return Words()


KEYS = [2**64 - 1, 7, 0, 7, 2**63, 7, 1]


def test_rows_are_those_that_computing_all_would_give(words):
    words.ask(Folded(), KEYS)
    assert sorted(words.computed) == sorted(set(KEYS))


def test_asked_again_nothing_is_computed(words):
    memory = Folded()
    words.ask(memory, KEYS)
    words.computed.clear()
    words.ask(memory, KEYS[::-1])
    words.ask(memory, [7])
    assert words.computed == []


def test_only_new_words_are_computed(words):
    memory = Folded()
    words.ask(memory, [5, 9, 5])
    words.ask(memory, [9, 4, 5, 6, 4])
    assert words.computed == [5, 9, 4, 6]


def test_of_no_words_there_are_no_rows_at_first(words):
    words.ask(Folded(), [])


def test_of_no_words_there_are_no_rows_later(words):
    memory = Folded()
    words.ask(memory, [5, 9, 5])
    words.ask(memory, [])


@given(st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12), max_size=8))
def test_any_sequence_of_batches_gives_the_right_rows(batches):
    memory, words = Folded(), Words()
    for keys in batches:
        words.ask(memory, keys)
    assert sorted(words.computed) == sorted({key for keys in batches for key in keys})


def changed(words, memory):
    words.parameters = [parameter.copy() for parameter in words.parameters]


def updated(words, memory):
    memory.finish_update(None)


def loaded(words, memory):
    assert memory.from_bytes(memory.to_bytes()) is memory


def with_one_more(words, memory):
    words.parameters = [*words.parameters[:1], words.parameters[1] + 1]


@pytest.mark.parametrize("change", [changed, updated, loaded, with_one_more])
def test_a_change_of_what_is_behind_the_rows_forgets_them(words, change):
    memory = Folded()
    words.ask(memory, [5, 9])
    change(words, memory)
    words.ask(memory, [9, 5])
    assert sorted(words.computed) == [5, 5, 9, 9]


def test_parameters_that_change_in_place_are_seen_after_finish_update(words):
    memory = Folded()
    words.ask(memory, [5, 9])
    words.parameters[0] *= 2
    memory.finish_update(None)
    words.ask(memory, [5, 9])


def test_averaged_parameters_are_used_inside_and_forgotten_outside(words):
    memory = Folded()
    words.ask(memory, [5])
    with memory.use_params({}):
        words.parameters[0] += 1
        words.ask(memory, [5])
        words.parameters[0] -= 1
    words.ask(memory, [5])
    assert words.computed == [5, 5, 5]


def test_averaged_parameters_are_forgotten_after_an_error_too(words):
    memory = Folded()
    with pytest.raises(KeyError), memory.use_params({}):  # noqa: PT012
        words.ask(memory, [5])
        words.parameters[0] += 1
        raise KeyError
    words.ask(memory, [5])


def test_a_model_tells_its_memory_of_updates_and_averages(words):
    memory = Folded()
    model = Model("any", lambda *given: None, shims=[memory])
    words.ask(memory, [5])
    model.finish_update(lambda *given: given)
    words.ask(memory, [5])
    with model.use_params({}):
        words.ask(memory, [5])
    words.ask(memory, [5])
    model.from_bytes(model.to_bytes())
    words.ask(memory, [5])
    assert words.computed == [5] * 5


@pytest.mark.parametrize("size", [1, 3, 50])
def test_beyond_its_capacity_it_starts_afresh_and_stays_right(words, size, monkeypatch):
    monkeypatch.setattr(folded, "CAPACITY", 8)
    memory = Folded()
    for first in range(0, 200, size):
        words.ask(memory, range(first, first + size))
        words.ask(memory, range(first + size - 1, first - 1, -1))
    assert len(memory._keys) <= 8 + size


def test_a_capacity_of_nothing_still_gives_rows(words, monkeypatch):
    monkeypatch.setattr(folded, "CAPACITY", 0)
    memory = Folded()
    for _ in range(3):
        words.ask(memory, KEYS)


def test_what_cannot_be_computed_is_not_remembered(words):
    memory = Folded()
    words.ask(memory, [5])

    def fails(places):
        raise KeyError

    with pytest.raises(KeyError):
        memory.rows(np.array([5, 6], dtype=np.uint64), words.parameters, fails)
    words.ask(memory, [6, 5])
    assert words.computed == [5, 6]


@pytest.mark.parametrize("capacity", [16, 10_000])
def test_many_threads_at_once_are_given_the_right_rows(words, capacity, monkeypatch):
    monkeypatch.setattr(folded, "CAPACITY", capacity)
    memory, at_once = Folded(), threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        at_once.wait()
        for _ in range(30):
            words.ask(memory, rng.integers(0, 400, rng.integers(1, 50)))
            if seed == 0:
                memory.finish_update(None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


@pytest.mark.parametrize("way", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_is_empty_and_its_own(words, way):
    memory = Folded()
    words.ask(memory, KEYS)
    other = way(memory)
    assert isinstance(other, Folded)
    assert not len(other._keys)
    words.ask(other, KEYS)
    words.computed.clear()
    words.ask(memory, KEYS)
    assert words.computed == []
    assert memory.to_bytes() == b""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_does_not_wait_for_a_thread_that_it_does_not_have():
    memory, words = Folded(), Words()
    words.ask(memory, [1, 2])
    memory._lock.acquire()  # as a thread does, that adds rows meanwhile
    child = os.fork()
    if not child:
        signal.alarm(20)  # a child that hangs is killed
        os._exit(0 if len(words.ask(memory, [2, 3])) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    memory._lock.release()


def test_rows_that_are_not_remembered_are_worked_out_once_for_each_key():
    words, keys = Words(), np.array([5, 2, 5, 9, 2], dtype=np.uint64)
    got = each_once(keys, lambda places: words.rows(keys[places]))
    for part, want in zip(got, words.rows(keys), strict=True):
        np.testing.assert_array_equal(part, want)
    asked = []
    each_once(keys, lambda places: asked.append(len(places)) or words.rows(keys[places]))
    assert asked == [3]
