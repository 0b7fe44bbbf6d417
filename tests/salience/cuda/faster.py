"""Numba's simulator, with less to do: for elements, device functions, shared arrays, barriers.

Its own makes a thread of the system for each of a block, asks them by turns whether
they wait, and wraps each array and function.
Sums in loops, which are most of what is left, are compiled for the CPU.
"""

import dis
import sys
from contextlib import contextmanager

import numba.cuda
import numpy as np
from greenlet import getcurrent, greenlet
from numba.cuda.np import numpy_support
from numba.cuda.simulator import kernel, kernelapi

IN_PYTHON = set()
"""Names of device functions that stay Python's."""

_jit = numba.cuda.jit

IN_KERNELS = "blockDim", "grid", "gridDim", "gridsize", "local", "shared"


def jit(*given, device=False, **options):
    """A device function is Python's, or the CPU's where it is a loop that knows no thread."""
    return device_function if device else _jit(*given, **options)


def device_function(function):
    """With the bounds of arrays checked, as Python has them."""
    code = function.__code__
    loops = any(step.opname == "FOR_ITER" for step in dis.get_instructions(code))
    if loops and not {"cuda", *IN_PYTHON} & {*code.co_names, *code.co_freevars}:
        return numba.njit(function, boundscheck=True, cache=True)
    IN_PYTHON.add(function.__name__)
    return function


@contextmanager
def shown(function, launched):
    """What kernels ask of numba.cuda, instead of another module in each one's place."""
    for name in IN_KERNELS:
        setattr(numba.cuda, name, getattr(launched, name))
    yield


def shared(self, shape, dtype, alignment=None):
    """One array for each line of source, as the simulator has it, by the caller's frame alone."""
    caller = sys._getframe(1)
    line = caller.f_code, caller.f_lineno
    if line not in self._allocations:
        kind = dtype if isinstance(dtype, type) else numpy_support.as_dtype(dtype)
        self._allocations[line] = np.empty(shape, kind)
    return self._allocations[line]


def syncthreads():
    """Let the others of the block come as far."""
    getcurrent().parent.switch()


class Block(kernel.BlockManager):
    """A block whose threads go on by turns, each as far as its next barrier or its end.

    Every other block goes through its threads backwards: where a barrier is missing,
    one order or the other shows it.
    """

    backwards = False

    def run(self, grid_point, *args):
        """Run the block's threads to their ends; the first error of one is raised here."""
        numba.cuda.blockIdx = kernelapi.Dim3(*grid_point)
        points = [*np.ndindex(*self._block_dim)][:: -1 if Block.backwards else 1]
        Block.backwards = not Block.backwards
        threads = [(greenlet(self._f), kernelapi.Dim3(*point)) for point in points]
        while threads:
            for thread, numba.cuda.threadIdx in threads:
                thread.switch(*args)
            threads = [each for each in threads if not each[0].dead]


def install():
    """Make the simulator faster, for good, before any module with kernels is imported."""
    numba.cuda.jit = jit
    numba.cuda.syncthreads = syncthreads
    kernel.BlockManager = Block
    kernel.FakeWithinKernelCUDAArray = lambda array: array._ary
    kernel.swapped_cuda_module = shown
    kernelapi.FakeCUDAShared.array = shared
    kernelapi.FakeCUDAModule.blockIdx = property(lambda self: numba.cuda.blockIdx)
    kernelapi.FakeCUDAModule.threadIdx = property(lambda self: numba.cuda.threadIdx)
