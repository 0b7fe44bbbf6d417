"""Keep compiled kernels apart for every state of the source, and say how much is tried.

Numba's cache notices a change of the file that a kernel is in, but not of the
functions that it inlines from other files: after an edit of cpu/products.py a
warm cache would go on testing the old code. So the tests' cache is named after
all the source they compile. It has to be set before numba is imported.
"""

import hashlib
import os
import shutil
import sys
from pathlib import Path

import pytest
from hypothesis import settings

HERE = Path(__file__).parent


def _digest():
    total = hashlib.sha256()
    for folder in (HERE.parent / "src", HERE):
        for path in sorted(folder.rglob("*.py")):
            total.update(path.read_bytes())
    return total.hexdigest()[:16]


def _kernel_cache():
    folder = HERE / "__pycache__" / f"kernels-{_digest()}"
    for old in folder.parent.glob("kernels-*"):
        if old != folder:
            shutil.rmtree(old, ignore_errors=True)
    return str(folder)


os.environ.setdefault("NUMBA_CACHE_DIR", _kernel_cache())

# A first example may compile a kernel, so no deadline; no database, so that
# a run leaves nothing behind and depends on nothing.
settings.register_profile(
    "ci", max_examples=25, deadline=None, database=None, derandomize=True, print_blob=True
)
settings.register_profile("nightly", settings.get_profile("ci"), derandomize=False)
settings.register_profile("few", settings.get_profile("ci"), max_examples=8)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def pytest_itemcollected(item):
    """What is in a folder cuda/ needs a GPU."""
    if item.path.parent.name == "cuda":
        item.add_marker("gpu")


LONGEST = ("test_numba_modes.py", "test_simulator.py")


def pytest_collection_modifyitems(config, items):
    """Begin with the longest; leave out what needs a GPU, unless one is asked for or simulated."""
    if "gpu" not in config.option.markexpr and os.environ.get("NUMBA_ENABLE_CUDASIM") != "1":
        left_out = [item for item in items if item.get_closest_marker("gpu")]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)
    items[:] = longest_first(items, int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def longest_first(items, workers):
    """The items in an order in which every worker begins with some of the longest.

    worksteal cuts the list in one share a worker; each runs its own from the front.
    """
    longest = [item for item in items if item.path.name in LONGEST]
    others = [item for item in items if item.path.name not in LONGEST]
    ordered = []
    for worker in range(workers):
        size = (len(items) - len(ordered)) // (workers - worker)
        share = longest[worker::workers]
        more = max(size - len(share), 0)
        ordered += share + others[:more]
        del others[:more]
    return ordered


@pytest.fixture
def joblib_ends():
    """End the processes that joblib keeps for its next call: other tests count processes."""
    yield
    reusable = sys.modules.get("joblib.externals.loky.reusable_executor")
    if reusable and reusable._executor:
        reusable._executor.shutdown(wait=True)
