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
