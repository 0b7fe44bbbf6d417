"""The GPU's tests on numba's simulator, which runs CUDA kernels as plain Python."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

TESTS = Path(__file__).parent.parent
PARTS = 4
"""Processes in all: each pays some seconds for what it imports."""

pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")
pytestmark = pytest.mark.skipif(bool(numba.config.ENABLE_CUDASIM), reason="this is such a run")


def files_of(part):
    """Every fourth of the files, as pytest names them."""
    files = sorted(TESTS.glob("*/cuda/test_*.py"))
    return [path.relative_to(TESTS.parent).as_posix() for path in files[part::PARTS]]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_the_kernels_pass(part):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rfEp", "-p", "no:cacheprovider", *files_of(part)],
        env={**os.environ, "NUMBA_ENABLE_CUDASIM": "1"},
        capture_output=True,
        text=True,
        cwd=TESTS.parent,
    )
    told = [line for line in done.stdout.splitlines() if not line.startswith("PASSED")]
    assert done.returncode == 0, "\n".join(told)[-3000:]
    for path in files_of(part):
        assert f"\nPASSED {path}::" in done.stdout, f"nothing of {path} has passed"
