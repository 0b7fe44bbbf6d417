"""The ops once more, without numba, and with numba watching the bounds of every array."""

import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
# Bounds are checked however little LLVM optimises, and it takes less time to do so.
WATCHED = {"NUMBA_DISABLE_JIT": "1"}, {"NUMBA_BOUNDSCHECK": "1", "NUMBA_OPT": "1"}
OTHER_NUMBERS = (
    "ops/test_attention_numerics.py::test_one_extreme_input_",
    "ops/test_attention_numerics.py::test_an_extreme_",
    "ops/test_attention_numerics.py::test_huge_",
    "ops/test_attention_numerics.py::test_equal_rows_",
    "ops/test_attention_refusals.py",
    "ops/test_recurrences_in_a_batch.py::test_nan_",
    "ops/test_recurrences_numerics.py",
    "ops/test_recurrences_refusals.py",
)
"""Tests of other numbers in shapes that are tried elsewhere, where a kernel's indices are the same,
and of what no kernel is given."""

pytestmark = pytest.mark.skipif(
    bool(numba.config.DISABLE_JIT or numba.config.BOUNDSCHECK), reason="this is such a run"
)


def files():
    """The test files of the ops, and of what their kernels are made of."""
    found = [*HERE.glob("ops/test_*.py"), *HERE.glob("cpu/test_*.py")]
    return [name_of(path) for path in sorted(found) if "jit" not in path.name]


def name_of(path):
    return path.relative_to(ROOT).as_posix()


def test_what_is_left_out_is_there():
    for name in OTHER_NUMBERS:
        file, _, test = name.partition("::")
        assert name_of(HERE / file) in files()
        assert f"def {test}" in (HERE / file).read_text()


def environment(mode):
    """The mode, few examples, and a kernel cache of the mode's own: no cache knows the modes."""
    kernels = Path(os.environ["NUMBA_CACHE_DIR"]) / next(iter(mode)).lower()
    given = {"HYPOTHESIS_PROFILE": "few", **os.environ, "NUMBA_CACHE_DIR": str(kernels)}
    return {**given, **mode}


# One process a mode: with several, each would compile what they have in common.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("mode", WATCHED, ids=lambda mode: next(iter(mode)))
def test_the_ops_pass(mode):
    left_out = [f"--deselect={name_of(HERE / name)}" for name in OTHER_NUMBERS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *left_out, *files()],
        env=environment(mode),
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
