"""Machines that lack what one counts on: a writable disk, threads, FMA, a locale."""

import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import salience

from .cpu.test_jit import DAMAGES, MEANS, RESULT, overwrite
from .helpers import needs_kernels, needs_speed, run_python

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's limits")

HITS = MEANS + (
    "from salience.ops.embedding.cpu import bag_means\n"
    "print(sum(bag_means.compile().stats.cache_hits.values()))"
)
ENCODE = """
import hashlib
from salience.encoder.encoder import Encoder
from salience.testing import random_starts, random_weights
from salience.types import Ragged
import numpy as np
encoder, rng = Encoder(random_weights([f"w{i}" for i in range(40)])), np.random.default_rng(0)
bags = Ragged(rng.integers(0, 91, 200), random_starts([2] * 100))
encoded = encoder.encode(bags, random_starts([0, 1, 30, 69]))
print(hashlib.sha256(b"".join(part.tobytes() for part in encoded)).hexdigest())
"""

SEVERAL = """
import hashlib
import numpy as np
from salience import ops
from salience.ops.embedding import cpu as embedding
from salience.ops.output_gate import cpu as output_gate
from salience.testing import random_floats
x, y, d = (random_floats(3, 5, seed=seed) for seed in range(3))
ids, starts = np.array([0, 2, 2]), np.array([0, 1, 3])
found = [ops.output_gate(x, y), *ops.backprop_output_gate(d, x, y)]
found += [ops.embedding_bags(x, ids, starts), ops.backprop_embedding_bags(d[:2], ids, starts, 3)]
print(hashlib.sha256(b"".join(part.tobytes() for part in found)).hexdigest())
kernels = output_gate.gate, output_gate.gate_back, embedding.bag_means, embedding.add_to_rows
print(sum(sum(kernel.compile().stats.cache_hits.values()) for kernel in kernels))
"""


@pytest.fixture
def unwritable(tmp_path):
    """A folder that not even root can make: it would be below a file."""
    (tmp_path / "file").write_text("")
    return str(tmp_path / "file" / "folder")


def test_no_home_and_no_cache(unwritable):
    places = dict.fromkeys(("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "TMPDIR"), unwritable)
    assert run_python(MEANS, **places) == str(RESULT)


READ_ONLY = """
import tempfile
from numba.core import caching
def refuse(*args, **named): raise OSError(30, "Read-only file system")
tempfile.TemporaryFile = caching.os.makedirs = refuse
"""


def test_a_read_only_file_system(unwritable):
    """Nothing can be made anywhere: beside the package, in the home folder, in the cache's."""
    named = {"NUMBA_CACHE_DIR": "", "HOME": unwritable}
    assert run_python(READ_ONLY + MEANS, **named) == str(RESULT)


NOT_OURS = """
from numba.core import caching
def refuse(self): raise OSError(13, "Permission denied")
caching.InTreeCacheLocator.ensure_cache_path = refuse
"""


@needs_speed
@pytest.mark.parametrize("place", [READ_ONLY, NOT_OURS], ids=["nowhere to write", "another's"])
def test_kernels_beside_a_package_that_cannot_be_written_are_used(tmp_path, place):
    """A container is warmed up as root, and runs as somebody else or from a read-only disk."""
    site, home = tmp_path / "site", tmp_path / "home"
    leave = shutil.ignore_patterns("__pycache__", "en_small")
    shutil.copytree(Path(salience.__file__).parent, site / "salience", ignore=leave)
    home.mkdir()
    where = {"NUMBA_CACHE_DIR": "", "PYTHONPATH": str(site), "HOME": str(home)}
    assert run_python(HITS, **where) == f"{RESULT}\n0"
    assert len(list(site.rglob("*.nbi"))) == 1
    assert run_python(place + HITS, **where) == f"{RESULT}\n1"
    assert not list(home.rglob("*.nb*"))


FULL = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""


@linux_only
@pytest.mark.parametrize("size", [0, 2000])
def test_a_full_disk(tmp_path, size):
    """No file can grow: none at all, or the index fits and the machine code does not."""
    for _ in range(2):
        found = run_python(FULL.format(size=size) + MEANS, NUMBA_CACHE_DIR=str(tmp_path))
        assert found == str(RESULT)
    assert run_python(MEANS, NUMBA_CACHE_DIR=str(tmp_path)) == str(RESULT)


@needs_speed
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_entry_is_written_anew(tmp_path, suffix):
    found = []
    for damage in ("cut", None, None):
        found.append(run_python(HITS, NUMBA_CACHE_DIR=str(tmp_path)).split("\n"))
        if damage:
            overwrite(tmp_path, suffix, DAMAGES[damage])
    assert found == [[str(RESULT), count] for count in "001"]


@needs_speed
def test_two_processes_that_start_cold_at_once(tmp_path):
    """With kernels in several folders, and two in one folder."""
    with ThreadPoolExecutor(2) as pool:
        started = [pool.submit(run_python, SEVERAL, NUMBA_CACHE_DIR=str(tmp_path)) for _ in "ab"]
        said = [each.result().split("\n") for each in started]
    after = run_python(SEVERAL, NUMBA_CACHE_DIR=str(tmp_path)).split("\n")
    assert [digest for digest, _ in said] == [after[0]] * 2
    assert after[1] == "4"


@needs_kernels
def test_a_machine_without_simd_gives_the_same_bits(tmp_path):
    plain = {
        "NUMBA_CPU_NAME": "generic",
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
    }
    assert run_python(ENCODE, timeout=280, **plain) == run_python(ENCODE)


NO_THREADS = """
import threading
def refuse(*args, **named): raise RuntimeError("can't start new thread")
threading.Thread.start = refuse
import salience; salience.set_num_threads(4)
"""
FEW_THREADS = """
import os, resource
import multiprocessing, numpy, concurrent.futures.thread, queue  # what the other user may not read
from salience import threads
if not os.geteuid():
    os.setgroups([]); os.setresuid(54321, 54321, 54321)  # root's threads are not limited
resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
threads.set_num_threads(4)
"""
THREADED = """
from salience import threads
done = []
threads.run(done.append, range(100))
assert sorted(done) == list(range(100))
"""


def test_no_thread_can_be_started():
    assert run_python(NO_THREADS + THREADED + ENCODE) == run_python(ENCODE)


@linux_only
def test_the_limit_of_threads_is_reached():
    code = FEW_THREADS + THREADED
    code += (
        "import threading\n"
        "try:\n    threading.Thread(target=print).start()\n    print('not limited')\n"
        "except RuntimeError:\n    print('limited')"
    )
    assert run_python(code) == "limited"


MISSING_SHM = """
import multiprocessing.synchronize, _multiprocessing
def refuse(*args, **named): raise OSError(38, "Function not implemented")
_multiprocessing.SemLock = multiprocessing.synchronize.SemLock = refuse
"""


def test_no_shared_memory():
    assert run_python(MISSING_SHM + THREADED + ENCODE) == run_python(ENCODE)


def test_without_assertions_and_docstrings():
    assert run_python(MEANS, PYTHONOPTIMIZE="2") == str(RESULT)


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONWARNINGS": "error"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}],
    ids=lambda given: next(iter(given)),
)
def test_other_settings_of_python(environment):
    assert run_python(ENCODE, **environment) == run_python(ENCODE)
