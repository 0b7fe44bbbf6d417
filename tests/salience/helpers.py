"""Small things that many tests use."""

import os
import subprocess
import sys
from contextlib import contextmanager

import numba
import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from salience import testing

# As plain Python, a kernel needs minutes for a document of a thousand tokens.
LENGTHS = (0, 1, 2, 17, 0, 33) if numba.config.DISABLE_JIT else testing.LENGTHS

needs_speed = pytest.mark.skipif(
    numba.config.DISABLE_JIT, reason="takes minutes as plain Python (NUMBA_DISABLE_JIT)"
)

runs_no_kernel = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK),
    reason="runs no kernel: the run with numba as it is will do (test_numba_modes.py)",
)

needs_kernels = pytest.mark.skipif(
    numba.config.DISABLE_JIT, reason="NumPy stands in for the SIMD code (NUMBA_DISABLE_JIT)"
)

ragged = st.lists(st.integers(0, 40), max_size=6)
"""Lengths of documents, for hypothesis."""


def tried(nightly, ci=25):
    """How many examples hypothesis tries, in each of its profiles (see CONTRIBUTING.md)."""
    count = nightly if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else ci
    return settings(max_examples=count, suppress_health_check=list(HealthCheck))


EDGES = [[], [0], [0, 0, 0], [1], [0, 3, 0]]
"""Batches of no documents, of only empty ones, and between empty ones."""


def parts(result):
    """One result or several, as a tuple."""
    return result if isinstance(result, tuple) else (result,)


def same_bits(got, want):
    """Whether two results are equal to the last bit."""
    return all(
        a.dtype == b.dtype and np.array_equal(a, b)
        for a, b in zip(parts(got), parts(want), strict=True)
    )


@contextmanager
def nan_filled_empty():
    """Meanwhile numpy.empty gives NaN (or a huge index), as fresh memory might."""
    empty, empty_like = np.empty, np.empty_like

    def filled(array):
        array.fill(np.nan if array.dtype.kind == "f" else 2**40)
        return array

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(np, "empty", lambda *args, **named: filled(empty(*args, **named)))
        patch.setattr(np, "empty_like", lambda *args, **named: filled(empty_like(*args, **named)))
        yield


def run_python(code, timeout=120, **environment):
    """Run a script in a fresh interpreter and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
