"""Tests of what runs on a GPU: on numba's simulator or, with -m gpu, on a real one.

`pytest` alone leaves them out, and runs them on the simulator in
tests/salience/test_simulator.py.
"""

import numba
import numpy as np
import pytest

SIMULATED = bool(numba.config.ENABLE_CUDASIM)


@pytest.fixture(autouse=True)
def unwritten_memory_is_nan(monkeypatch):
    """Memory that a kernel is to write holds NaN (or a huge index) before, where simulated."""
    from salience.cuda import places

    empty = places.Place.empty

    def filled(place, shape, dtype=np.float32):
        array = empty(place, shape, dtype)
        if SIMULATED and array.size:
            array[...] = np.nan if np.dtype(dtype).kind == "f" else 2**40
        return array

    monkeypatch.setattr(places.Place, "empty", filled)


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
