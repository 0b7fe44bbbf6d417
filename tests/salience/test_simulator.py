"""The GPU's tests on numba's simulator, which runs CUDA kernels as plain Python."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

TESTS = Path(__file__).parent.parent
FILES = sorted(TESTS.glob("*/cuda/test_*.py"))

pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")
pytestmark = pytest.mark.skipif(bool(numba.config.ENABLE_CUDASIM), reason="this is such a run")


@pytest.mark.timeout(900)
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_kernels_pass(path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", str(path)],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
