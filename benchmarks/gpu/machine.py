"""Where rows run: what arrays are there, and what tells the time."""

import gc
from importlib import metadata
from time import perf_counter

import numpy as np

from salience.testing import random_floats

from ..torch_peers import torch

BLOCK = 1 << 22
"""Random numbers that are made on the host; where more are wanted, they come again."""


class Machine:
    """The host, with NumPy's arrays: what the tests can do without a GPU."""

    device = "cpu"

    def beside(self, peers):
        """Return the peers in PyTorch, None for each where it does not take these arrays."""
        return dict.fromkeys(peers)

    def cuda(self):
        """What else brings a version of CUDA along."""
        return ""

    def put(self, array):
        """Copy an array of the host there."""
        return array

    def host(self, array):
        """Copy an array to the host."""
        return np.asarray(array)

    def floats(self, *shape, seed=0, scale=1.0):
        size = int(np.prod(shape))
        numbers = random_floats(max(1, min(size, BLOCK)), seed=seed, scale=scale)
        return self.put(np.resize(numbers, shape))

    def copy(self, target, source):
        target[...] = source

    def multiply(self, a, b):
        return a @ b

    def synchronize(self):
        """Wait for all that was launched."""

    def forget(self):
        """Give memory back that nobody uses."""

    def seconds(self, call, count):
        """Return the seconds a call takes, of so many one after the other."""
        return self.wall_seconds(call, count)

    def wall_seconds(self, call, count):
        self.synchronize()
        begin = perf_counter()
        for _ in range(count):
            call()
        self.synchronize()
        return (perf_counter() - begin) / count


class NumbaMachine(Machine):
    """A GPU without PyTorch; results are allocated by the driver, within what is timed."""

    device = "cuda"
    multiply = None

    def put(self, array):
        from numba import cuda

        return cuda.to_device(array)

    def host(self, array):
        return array.copy_to_host() if hasattr(array, "copy_to_host") else np.asarray(array)

    def copy(self, target, source):
        target.copy_to_device(source)

    def synchronize(self):
        from salience.cuda import arrays

        arrays.synchronize()

    def seconds(self, call, count):
        from numba import cuda

        from salience.cuda.simulated import SIMULATED

        if SIMULATED:  # its events know no time
            return self.wall_seconds(call, count)
        begin, end = cuda.event(), cuda.event()
        begin.record()
        for _ in range(count):
            call()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1e3 / count


class TorchMachine(Machine):
    """PyTorch's tensors, on a GPU, or for the tests on the CPU; its products in float32."""

    def __init__(self, device="cuda"):
        self.device = device
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False

    def beside(self, peers):
        return peers

    def cuda(self):
        return f", {torch.version.cuda} of torch with cuDNN {torch.backends.cudnn.version()}"

    def put(self, array):
        return torch.from_numpy(array).to(self.device)

    def host(self, array):
        return array.detach().cpu().numpy() if torch.is_tensor(array) else np.asarray(array)

    def floats(self, *shape, seed=0, scale=1.0):
        generator = torch.Generator(self.device).manual_seed(seed)
        return torch.randn(shape, generator=generator, device=self.device).mul_(scale)

    def copy(self, target, source):
        target.copy_(source)

    def synchronize(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def forget(self):
        gc.collect()
        if self.device == "cuda":
            torch.cuda.empty_cache()

    def seconds(self, call, count):
        if self.device == "cpu":
            return self.wall_seconds(call, count)
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(count):
            call()
        end.record()
        end.synchronize()
        return begin.elapsed_time(end) / 1e3 / count


def machine_here():
    """Return the GPU with PyTorch's arrays, or with numba's where it has none."""
    from salience.cuda.simulated import SIMULATED

    with_torch = torch and torch.cuda.is_available() and not SIMULATED
    return TorchMachine() if with_torch else NumbaMachine()


def version(name):
    """The version of a package, which may be missing."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "none"
