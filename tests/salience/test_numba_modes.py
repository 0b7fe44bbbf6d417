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


def files_of(part, parts=3):
    """Every third test file of the ops, so that a run is short."""
    files = [*HERE.glob("ops/test_*.py"), *HERE.glob("cpu/test_*.py")]
    return [str(path) for path in sorted(files) if "jit" not in path.name][part::parts]


@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(3))
@pytest.mark.parametrize("mode", WATCHED, ids=lambda mode: next(iter(mode)))
def test_the_ops_pass(mode, part, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *files_of(part)],
        env={**os.environ, **mode, "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
