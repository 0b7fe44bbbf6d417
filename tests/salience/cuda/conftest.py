"""Tests of what runs on a GPU: on numba's simulator or, with -m gpu, on a real one.

`pytest` alone leaves them out, and runs them on the simulator in
tests/salience/test_simulator.py.
"""

import numba
import numpy as np
import pytest

from . import blocks

SIMULATED = bool(numba.config.ENABLE_CUDASIM)
if SIMULATED:
    from . import faster

    faster.install()


@pytest.fixture(autouse=True)
def unwritten_memory_is_nan(monkeypatch):
    """Memory that a kernel is to write holds NaN (or a huge index) before, where simulated."""
    from salience.cuda import arena, places

    def fills(kind):
        empty = kind.empty

        def filled(place, shape, dtype=np.float32):
            array, dtype = empty(place, shape, dtype), np.dtype(dtype)
            if array.size:
                array[...] = {"f": np.nan, "i": 2**40, "u": 255}[dtype.kind]
            return array

        monkeypatch.setattr(kind, "empty", filled)

    if SIMULATED:
        fills(places.Place)
        fills(arena.Arena)


@pytest.fixture(autouse=True)
def kernels_are_launched_strictly(monkeypatch):
    """Refuse arrays of the host, which numba would copy unseen, and blocks larger than known."""
    from salience.cuda.jit import Kernel

    prepared = Kernel.__getitem__

    def strict(kernel, configuration):
        launch = prepared(kernel, configuration)
        blocks.check(kernel.name, configuration[1])

        def launch_strictly(*arguments):
            hosts = [value for value in arguments if isinstance(value, np.ndarray)]
            assert not hosts, f"{kernel.name} is given an array of the host"
            launch(*arguments)

        return launch_strictly

    monkeypatch.setattr(Kernel, "__getitem__", strict)


@pytest.fixture
def gpu_ops(monkeypatch):
    """thinc's CupyOps: with CuPy on a real GPU, with what stands in for it where simulated."""
    from thinc.api import CupyOps

    if SIMULATED:
        from . import stand_in

        stand_in.install(monkeypatch)
    else:
        pytest.importorskip("cupy", reason="thinc computes on a GPU with CuPy")
    return CupyOps()


@pytest.fixture
def prefer_gpu(gpu_ops):
    """Layers that are made meanwhile have these ops, as after spacy.prefer_gpu()."""
    from thinc.api import get_current_ops, set_current_ops

    before = get_current_ops()
    set_current_ops(gpu_ops)
    yield gpu_ops
    set_current_ops(before)


@pytest.fixture
def divided(monkeypatch):
    """Documents of more than 12 steps are divided in segments of 5, so that many are."""
    from salience.cuda import segments

    monkeypatch.setattr(segments, "WHOLE", 12)
    monkeypatch.setattr(segments, "SEGMENT", 5)
