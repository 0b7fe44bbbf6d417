import multiprocessing
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import salience
from salience import cores, threads
from salience.errors import RangeError

from .helpers import run_python

pytestmark = pytest.mark.usefixtures("fresh_threads")

counts = pytest.mark.parametrize("count", [1, 2, 5])


@counts
@pytest.mark.parametrize("items", [0, 1, 2, 50])
def test_every_item_is_done_once_before_run_returns(count, items):
    salience.set_num_threads(count)
    done = []
    threads.run(done.append, range(items))
    assert sorted(done) == list(range(items))


@counts
def test_the_first_error_is_raised_after_the_others_have_ended(count):
    salience.set_num_threads(count)
    ended, gate = [], threading.Event()

    def task(item):
        if item == 1:
            raise ZeroDivisionError("item 1")
        if item > 1 and count > 1:
            gate.wait(0.05)
        ended.append(item)
        if item == 3:
            raise KeyError("item 3")

    with pytest.raises(ZeroDivisionError, match="item 1"):
        threads.run(task, range(8))
    assert sorted(ended) == ([0] if count == 1 else [0, 2, 3, 4, 5, 6, 7])


@counts
def test_a_run_inside_a_run_is_served(count):
    salience.set_num_threads(count)
    done = []

    def outer(item):
        threads.run(lambda inner: done.append((item, inner)), range(4))

    threads.run(outer, range(6))
    assert sorted(done) == [(item, inner) for item in range(6) for inner in range(4)]


def test_a_run_inside_a_run_stays_on_its_thread():
    salience.set_num_threads(3)
    places = []

    def outer(item):
        own = threading.get_ident()
        threads.run(lambda inner: places.append(own == threading.get_ident()), range(4))

    threads.run(outer, range(6))
    assert places == [True] * 24


def test_many_callers_share_the_pool():
    salience.set_num_threads(2)

    def call(caller):
        done = []
        threads.run(done.append, range(20))
        return sorted(done)

    with ThreadPoolExecutor(8) as callers:
        assert list(callers.map(call, range(40))) == [list(range(20))] * 40


class Interrupted(ThreadPoolExecutor):
    """Another thread sets the number of threads after the first item went in."""

    def submit(self, *arguments):
        future = super().submit(*arguments)
        threads.set_num_threads(2)
        return future


class Closed(ThreadPoolExecutor):
    """The interpreter ends after the first item went in."""

    def submit(self, *arguments):
        future = super().submit(*arguments)
        self.shutdown()
        return future


@pytest.mark.parametrize("pool", [Interrupted, Closed])
def test_a_pool_that_goes_away_meanwhile_does_every_item_once(monkeypatch, pool):
    salience.set_num_threads(2)
    monkeypatch.setattr(threads._State, "pool", pool(2))
    done = []
    threads.run(done.append, range(4))
    assert sorted(done) == [0, 1, 2, 3]


@pytest.mark.parametrize("count", [0, -1, 1.5, "2", None, True])
def test_refuses_a_count_that_is_not_a_whole_number_of_at_least_1(count):
    with pytest.raises(
        RangeError, match=r"^set_num_threads: count must be a whole number >= 1, got "
    ):
        salience.set_num_threads(count)


def test_the_number_asked_for_counts_then_the_environment_then_the_cores(monkeypatch):
    assert salience.get_num_threads() == cores.usable()[0]
    monkeypatch.setenv("SALIENCE_NUM_THREADS", "7")
    assert salience.get_num_threads() == 7
    salience.set_num_threads(3)
    assert salience.get_num_threads() == 3


@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_worker_process_has_one_thread(method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(salience.get_num_threads) == 1


GET = "import salience; print(salience.get_num_threads())"


def test_the_environment_sets_the_number():
    assert run_python(GET, SALIENCE_NUM_THREADS="3") == "3"
    assert run_python(GET, SALIENCE_NUM_THREADS="") == str(cores.usable()[0])


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "²"])
def test_a_bad_number_in_the_environment_is_named(text):
    script = (
        "import salience\ntry: salience.get_num_threads()\nexcept ValueError as error: print(error)"
    )
    said = run_python(script, SALIENCE_NUM_THREADS=text, PYTHONUTF8="1")
    assert said == f"SALIENCE_NUM_THREADS: expected a whole number >= 1, got {text!r}"


def test_a_limit_holds_in_its_block_and_its_thread_only():
    salience.set_num_threads(3)
    with threads.limited_to(2), ThreadPoolExecutor(1) as other:
        with threads.limited_to(None):
            assert salience.get_num_threads() == 2
        with threads.limited_to(5):
            assert salience.get_num_threads() == 5
        assert other.submit(salience.get_num_threads).result() == 3
        assert salience.get_num_threads() == 2
    assert salience.get_num_threads() == 3


def test_an_interruption_leaves_what_nobody_has_begun():
    salience.set_num_threads(2)
    begun, gate = [], threading.Event()

    def task(item):
        begun.append(item)
        if threading.current_thread() is threading.main_thread():
            gate.wait(5)  # until the other thread has an item too
            raise KeyboardInterrupt
        gate.set()
        time.sleep(0.01)  # a thousand of these are ten seconds, and a stop takes far less

    with pytest.raises(KeyboardInterrupt):
        threads.run(task, range(1000))
    count = len(begun)
    assert count < 1000
    gate.wait(0.05)
    assert len(begun) <= count + 1


def test_run_waits_for_a_thread_of_another_caller_s_that_took_an_item(monkeypatch):
    salience.set_num_threads(2)
    let_go, begun, done = threading.Event(), threading.Event(), []

    def hold(item):
        begun.set()
        let_go.wait(5)

    with ThreadPoolExecutor(1) as other:
        holding = other.submit(threads.run, hold, range(2))
        begun.wait(5)

        def task(item):
            let_go.set()  # now the pool's thread is free to take the other item
            gate = threading.Event()
            gate.wait(0.1)
            done.append(item)

        threads.run(task, range(6))
        assert sorted(done) == list(range(6))
        holding.result()


def test_an_error_that_ends_the_program_is_the_one_that_is_raised():
    def task(item):
        time.sleep(0.2 if item == 0 else 0.05)
        raise (ValueError, KeyboardInterrupt)[item]

    salience.set_num_threads(2)
    with pytest.raises(KeyboardInterrupt):
        threads.run(task, range(2))
