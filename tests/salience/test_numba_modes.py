"""The ops once more, without numba, and with numba watching the bounds of every array."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

HERE = Path(__file__).parent
WATCHED = {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_BOUNDSCHECK": "1"}

pytestmark = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK), reason="this is such a run"
)


def files():
    """The test files of the ops, and of what their kernels are made of."""
    found = [*HERE.glob("ops/test_*.py"), *HERE.glob("cpu/test_*.py")]
    return [str(path) for path in sorted(found) if "jit" not in path.name]


def environment(mode):
    """The mode, few examples, and a kernel cache of the mode's own: no cache knows the modes."""
    kernels = Path(os.environ["NUMBA_CACHE_DIR"]) / next(iter(mode)).lower()
    given = {"HYPOTHESIS_PROFILE": "few", **os.environ, "NUMBA_CACHE_DIR": str(kernels)}
    return {**given, **mode}


# One process a mode: with several, each would compile what they have in common.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", WATCHED, ids=lambda mode: next(iter(mode)))
def test_the_ops_pass(mode):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files()],
        env=environment(mode),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
