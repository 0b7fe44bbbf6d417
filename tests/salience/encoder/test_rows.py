"""Rows by the keys of tokens: worked out once, and remembered by the parameters' encoder."""

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

from salience.encoder import Encoder, rows
from salience.encoder.rows import Keyed, Remembered, Tables
from salience.errors import WeightsError
from salience.testing import random_floats, random_starts
from salience.types import Ragged, Tokens

from ..helpers import same_bits
from .test_forms import ENCODERS, batch_of, by_encoder, some, weights_of

WIDTHS = (3, 5, 0, 1)


class Words:
    """Tables that depend on the keys of tokens, and how often they are worked out."""

    def __init__(self):
        self.parameters = [random_floats(width, seed=width) for width in WIDTHS]
        self.computed = []

    def tables(self, keys):
        own = np.asarray(keys, dtype=np.uint64)[:, None] % np.uint64(1009)
        return Tables(*(np.sin(own * p).astype(np.float32) for p in self.parameters))

    def memory(self):
        """A memory of these words, which are their own tokens here."""

        def compute(tokens):
            keys = tokens.words
            self.computed.extend(keys.tolist())
            return self.tables(keys)

        return Remembered(compute)

    def ask(self, memory, keys, remember=True):
        keys = np.asarray(keys, dtype=np.uint64)
        found = memory.rows(Keyed(keys, lambda places: Tokens(keys[places]), remember))
        np.testing.assert_array_equal(found.bag_starts, np.arange(len(keys) + 1))
        for table, want in zip(found.tables, self.tables(keys), strict=True):
            assert table.dtype == np.float32
            np.testing.assert_array_equal(table[found.ids], want)
        return found


@pytest.fixture
def words():
    return Words()


KEYS = [2**64 - 1, 7, 0, 7, 2**63, 7, 1]


def test_rows_are_those_that_computing_all_would_give(words):
    words.ask(words.memory(), KEYS)
    assert sorted(words.computed) == sorted(set(KEYS))


def test_asked_again_nothing_is_computed(words):
    memory = words.memory()
    words.ask(memory, KEYS)
    words.computed.clear()
    words.ask(memory, KEYS[::-1])
    words.ask(memory, [7])
    assert words.computed == []


def test_only_new_words_are_computed(words):
    memory = words.memory()
    words.ask(memory, [5, 9, 5])
    words.ask(memory, [9, 4, 5, 6, 4])
    assert words.computed == [5, 9, 4, 6]


def test_of_no_words_there_are_no_rows_at_first(words):
    words.ask(words.memory(), [])


def test_of_no_words_there_are_no_rows_later(words):
    memory = words.memory()
    words.ask(memory, [5, 9, 5])
    words.ask(memory, [])


@given(st.lists(st.lists(st.integers(0, 30), max_size=12), max_size=8))
def test_any_sequence_of_batches_gives_the_right_rows(batches):
    words = Words()
    memory = words.memory()
    for keys in batches:
        words.ask(memory, keys)
    assert sorted(words.computed) == sorted({key for keys in batches for key in keys})


def test_rows_that_were_given_stay_when_others_come(words, monkeypatch):
    monkeypatch.setattr(rows, "CAPACITY", 8)
    memory = words.memory()
    given = [words.ask(memory, range(first, first + 5)) for first in range(0, 50, 5)]
    for first, found in zip(range(0, 50, 5), given, strict=True):
        want = words.tables(range(first, first + 5))
        assert same_bits(tuple(table[found.ids] for table in found.tables), tuple(want))


@pytest.mark.parametrize("size", [1, 3, 50])
def test_beyond_its_capacity_it_starts_afresh_and_stays_right(words, size, monkeypatch):
    monkeypatch.setattr(rows, "CAPACITY", 8)
    memory = words.memory()
    for first in range(0, 200, size):
        words.ask(memory, range(first, first + size))
        words.ask(memory, range(first + size - 1, first - 1, -1))
    assert len(memory._keys) <= 8 + size


def test_a_capacity_of_nothing_still_gives_rows(words, monkeypatch):
    monkeypatch.setattr(rows, "CAPACITY", 0)
    memory = words.memory()
    for _ in range(3):
        words.ask(memory, KEYS)


def test_what_cannot_be_computed_is_not_remembered(words):
    memory = words.memory()
    words.ask(memory, [5])

    def fails(places):
        raise KeyError

    with pytest.raises(KeyError):
        memory.rows(Keyed(np.array([5, 6], dtype=np.uint64), fails))
    words.ask(memory, [6, 5])
    assert words.computed == [5, 6]


@pytest.mark.parametrize("capacity", [16, 10_000])
def test_many_threads_at_once_are_given_the_right_rows(words, capacity, monkeypatch):
    monkeypatch.setattr(rows, "CAPACITY", capacity)
    memory, at_once = words.memory(), threading.Barrier(8)

    def work(seed):
        rng = np.random.default_rng(seed)
        at_once.wait()
        for _ in range(30):
            words.ask(memory, rng.integers(0, 400, rng.integers(1, 50)))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_child_does_not_wait_for_a_thread_that_it_does_not_have(words):
    memory = words.memory()
    words.ask(memory, [1, 2])
    memory.lock.acquire()  # as a thread does, that adds rows meanwhile
    child = os.fork()
    if not child:
        signal.alarm(20)  # a child that hangs is killed
        os._exit(0 if len(words.ask(memory, [2, 3]).ids) == 2 else 1)
    assert os.waitpid(child, 0)[1] == 0
    memory.lock.release()


def test_rows_that_are_not_remembered_are_worked_out_once_for_each_key(words):
    memory = words.memory()
    for _ in range(2):
        words.ask(memory, [5, 2, 5, 9, 2], remember=False)
    assert words.computed == [2, 5, 9] * 2


ATTRIBUTES = [name for name in ENCODERS if "attributes" in name or "projected words" in name]


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_an_encoder_says_the_same_of_tokens_that_it_remembers(name):
    settings = ENCODERS[name]
    encoder, (tokens, places, starts) = Encoder(weights_of(settings)), batch_of(settings)
    want, asked = by_encoder(weights_of(settings), batch_of(settings)), []

    def at(own):
        asked.append(len(own))
        return some(tokens, places[own])

    for _ in range(2):
        got = encoder.encode(Keyed(places.astype(np.uint64), at), starts)
        assert same_bits(tuple(got), tuple(want))
    assert asked == [8]


@pytest.mark.parametrize("way", [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])
def test_a_copy_remembers_nothing_and_says_the_same(way):
    settings = ENCODERS["attributes"]
    encoder, (tokens, places, starts) = Encoder(weights_of(settings)), batch_of(settings)
    given = Keyed(places.astype(np.uint64), lambda own: some(tokens, places[own]))
    want, other = encoder.encode(given, starts), way(encoder)
    assert not len(other._remembered._keys)
    assert same_bits(tuple(other.encode(given, starts)), tuple(want))


def test_an_encoder_without_words_has_no_vocabulary_and_reads_no_bags():
    encoder = Encoder(weights_of(ENCODERS["attributes alone"]))
    bags = Ragged(np.zeros(1, dtype=np.int64), random_starts([1]))
    for ask in (lambda: encoder.vocabulary, lambda: encoder.encode(bags, random_starts([1]))):
        with pytest.raises(WeightsError, match="expected one with words of its own, got one that"):
            ask()
