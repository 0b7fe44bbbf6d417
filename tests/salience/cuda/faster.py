"""Numba's simulator, with less to do: for elements, device functions, shared arrays, barriers.

Its own block asks all threads by turns whether they wait, which takes most of the
time of a kernel with barriers; the tests take a quarter of it with these.
"""

import sys
import threading

import numba.cuda
import numpy as np
from numba.cuda.np import numpy_support
from numba.cuda.simulator import kernel, kernelapi
from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray, FakeWithinKernelCUDAArray

_launch = kernel.FakeCUDAKernel.__call__
_swapped = []


def call(self, *args):
    """A device function finds the launch's cuda; what the simulator looks for at every call."""
    context = kernel._kernel_context
    if context is None:
        try:
            return _launch(self, *args)
        finally:
            while _swapped:
                _swapped.pop()["cuda"] = numba.cuda
    names = self.fn.__globals__
    if names.get("cuda") is numba.cuda:
        names["cuda"] = context
        _swapped.append(names)
    return self.fn(*args)


def get(self, index):
    """An element, or a part as another such array."""
    value = self._item._ary[index]
    return FakeWithinKernelCUDAArray(FakeCUDAArray(value)) if type(value) is np.ndarray else value


def put(self, index, value):
    """Set an element."""
    self._item._ary[index] = value


def shared(self, shape, dtype, alignment=None):
    """One array for each line of source, as the simulator has it, by the caller's frame alone."""
    caller = sys._getframe(1)
    line = caller.f_code, caller.f_lineno
    if line not in self._allocations:
        kind = dtype if isinstance(dtype, type) else numpy_support.as_dtype(dtype)
        self._allocations[line] = np.empty(shape, kind)
    return self._allocations[line]


class Block(kernel.BlockManager):
    """A block whose last thread to arrive at a barrier wakes the others, and nobody looks on."""

    def run(self, grid_point, *args):
        """Run the block's threads to their ends; the first error of one is raised here."""
        self._barrier, self._waiting, self._failed = threading.Condition(), 0, False
        self._round, threads = 0, []
        for point in np.ndindex(*self._block_dim):
            thread = Thread(lambda: self._f(*args), self, grid_point, point, self._debug)
            threads.append(thread)
        self._alive = len(threads)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for thread in threads:
            if thread.exception and not isinstance(thread.exception[0], AbortedError):
                raise thread.exception[0].with_traceback(thread.exception[1])

    def arrive(self):
        """Wait until all threads that still run are here."""
        with self._barrier:
            own = self._round
            self._waiting += 1
            self._open_if_all_are_here()
            self._barrier.wait_for(lambda: self._round != own or self._failed)
            if self._failed:
                raise AbortedError

    def leave(self, failed):
        """A thread has ended."""
        with self._barrier:
            self._alive -= 1
            self._failed |= failed
            self._open_if_all_are_here()
            if failed:
                self._barrier.notify_all()

    def _open_if_all_are_here(self):
        if self._waiting and self._waiting == self._alive:
            self._waiting, self._round = 0, self._round + 1
            self._barrier.notify_all()


class AbortedError(RuntimeError):
    """Another thread of the block has failed."""


class Thread(kernel.BlockThread):
    """A thread of such a block."""

    def run(self):
        """Run, and tell the block."""
        super().run()
        self._manager.leave(self.exception is not None)

    def syncthreads(self):
        """Wait at the block's barrier."""
        self._manager.arrive()


def install():
    """Make the simulator faster, for good."""
    kernel.BlockManager = Block
    kernelapi.FakeCUDAShared.array = shared
    kernel.FakeCUDAKernel.__call__ = call
    FakeWithinKernelCUDAArray.__getitem__ = get
    FakeWithinKernelCUDAArray.__setitem__ = put
