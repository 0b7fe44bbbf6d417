"""One thread compiles at a time, and no process is forked meanwhile."""

import os
import threading

import pytest

from salience.cpu.jit import Kernel

from ..helpers import run_python


class Watched(Kernel):
    """A kernel whose compilation waits, for a moment, for another to begin beside it."""

    def __init__(self, name, inside, beside):
        def function():
            """Nothing is run."""

        function.__qualname__ = name
        super().__init__(function, ())
        self.inside, self.beside = inside, beside

    def _compile(self):
        self.inside.append(self.name)
        if len(self.inside) == 1:
            self.beside.wait(0.3)  # as long as this is only where all is well
        else:
            self.beside.set()
        return self.inside.copy


@pytest.mark.parametrize("count", [1, 2], ids=["one kernel", "two kernels"])
def test_threads_compile_one_after_the_other_and_each_kernel_once(count):
    inside, beside = [], threading.Event()
    kernels = [Watched(f"watched_{number}", inside, beside) for number in range(count)]
    first = threading.Thread(target=kernels[0].compile)
    first.start()
    while not inside:
        first.join(0.001)
    second = threading.Thread(target=kernels[-1].compile)
    second.start()
    met = beside.wait(0.2)
    first.join()
    second.join()
    assert not met
    assert len(inside) == count


FORK = """
import os, signal, threading
from salience.cpu.jit import Kernel
begun, go = threading.Event(), threading.Event()
def nothing(): pass
class Slow(Kernel):
    def _compile(self):
        begun.set()
        go.wait(5)
        return nothing
class Quick(Kernel):
    def _compile(self):
        return nothing
def compile_in_any_thread():
    Quick(nothing, ()).compile()
    thread = threading.Thread(target=Quick(nothing, ()).compile)
    thread.start()
    thread.join()
threading.Thread(target=Slow(nothing, ()).compile).start()
begun.wait()
threading.Timer(0.2, go.set).start()
child = os.fork()
if not child:
    signal.alarm(3)  # where the child hangs, it ends by this
    compile_in_any_thread()
    os._exit(0)
print(go.is_set(), os.waitpid(child, 0)[1])
signal.alarm(3)
compile_in_any_thread()
print("parent")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a fork")
def test_a_fork_waits_for_the_compiler_and_its_child_can_compile():
    assert run_python(FORK, timeout=30).split("\n") == ["True 0", "parent"]
