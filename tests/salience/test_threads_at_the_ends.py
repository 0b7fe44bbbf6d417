"""Threads where processes begin and end, each in an interpreter of its own."""

from .helpers import run_python

WORK = """
import atexit, multiprocessing, os, threading, salience
from salience import threads

def work(where="here"):
    done = []
    threads.run(done.append, range(8))
    assert sorted(done) == list(range(8))
    os.write(1, f"{where}\\n".encode())  # whole lines, whoever writes beside it

salience.set_num_threads(2)
work("parent")
"""


def test_a_pool_in_use_before_a_fork_is_made_anew_in_the_child():
    script = WORK + (
        "child = multiprocessing.get_context('fork').Process(target=work, args=('child',))\n"
        "child.start(); child.join(60); print(child.exitcode, flush=True); work('parent again')"
    )
    assert run_python(script).split("\n") == ["parent", "child", "0", "parent again"]


def test_a_fork_while_the_lock_is_held_does_not_hang_the_child():
    script = WORK + (
        "threads._State.lock.acquire()\n"
        "child = os.fork()\n"
        "if not child: work('child'); os._exit(0)\n"
        "print(os.waitpid(child, 0)[1])"
    )
    assert run_python(script, timeout=30).split("\n") == ["parent", "child", "0"]


def test_a_fork_from_within_a_task_can_run_in_the_child():
    script = WORK + (
        "def task(item):\n"
        "    child = os.fork()\n"
        "    if not child: work('child'); os._exit(0)\n"
        "    os.waitpid(child, 0)\n"
        "threads.run(task, range(2))"
    )
    assert run_python(script, timeout=30).split("\n") == ["parent", "child", "child"]


def test_a_fork_while_another_thread_makes_an_attribute_does_not_hang_the_child():
    # functools.cached_property holds one lock for all objects, up to Python 3.11.
    script = (
        "import os, threading; from salience.lazy import lazy\n"
        "begun, go = threading.Event(), threading.Event()\n"
        "class Some:\n"
        "    def __init__(self, wait): self.wait = wait\n"
        "    @lazy\n"
        "    def value(self):\n"
        "        if self.wait: begun.set(); go.wait()\n"
        "        return [1]\n"
        "some = Some(True)\n"
        "thread = threading.Thread(target=lambda: some.value); thread.start(); begun.wait()\n"
        "child = os.fork()\n"
        "if not child: print(Some(False).value, flush=True); os._exit(0)\n"
        "status = os.waitpid(child, 0)[1]; go.set(); thread.join()\n"
        "print(status, some.value is some.value)"
    )
    assert run_python(script, timeout=30).split("\n") == ["[1]", "0 True"]


def test_work_at_the_interpreter_s_exit_is_still_done():
    # By then Python refuses new tasks to every pool.
    assert run_python(WORK + "atexit.register(work, 'exit')").split("\n") == ["parent", "exit"]
