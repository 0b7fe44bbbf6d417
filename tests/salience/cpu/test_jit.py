import pickle
import shutil
from pathlib import Path

import numba
import numpy as np
import pytest

import salience
from salience.cpu.jit import OUT1, Kernel, inline, named
from salience.ops.embedding.cpu import bag_means

from ..helpers import needs_speed, run_python

KERNELS = """
import gc, salience.ops
from salience.cpu.jit import Kernel
kernels = [thing for thing in gc.get_objects() if isinstance(thing, Kernel)]
"""

MEANS = """
import numpy as np, salience.ops as ops
print(ops.embedding_bags(np.float32([[1], [2], [6]]), [0, 1, 1, 2], [0, 1, 2, 4])[:, 0].tolist())
"""
RESULT = [1.0, 2.0, 4.0]


def fresh_means():
    """The kernel as a new process has it, and its result."""
    kernel, x = Kernel(bag_means._function, bag_means._signature), np.empty((3, 1), np.float32)
    kernel(np.float32([[1], [2], [6]]), np.array([0, 1, 1, 2]), np.array([0, 1, 2, 4]), x)
    return kernel, x[:, 0].tolist()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty folder where kernels are cached meanwhile."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


def test_an_import_compiles_nothing():
    count, compiled = run_python(
        KERNELS + "print(len(kernels), sum(kernel._compiled is not None for kernel in kernels))"
    ).split()
    assert int(count) >= 9
    assert compiled == "0"


def test_a_call_compiles_the_kernels_it_needs_and_no_other():
    script = KERNELS + MEANS + "print(*[k.__name__ for k in kernels if k._compiled is not None])"
    assert run_python(script).split("\n") == [str(RESULT), "bag_means"]


@needs_speed
def test_a_kernel_has_one_signature():
    assert len(bag_means.compile().signatures) == 1
    with pytest.raises(TypeError, match="No matching definition"):
        bag_means(1, 2, 3, 4)


@needs_speed
def test_a_kernel_counts_no_references_to_rows():
    (text,) = Kernel(bag_means._function, bag_means._signature)._njit(None).inspect_asm().values()
    assert "bag_means" in text
    assert "NRT_" not in text


@needs_speed
def test_a_kernel_that_makes_an_array_is_refused():
    def clear(x):
        x[:] = np.zeros(len(x))

    with pytest.raises(numba.TypingError, match="zeros"):
        Kernel(clear, numba.void(OUT1)).compile()


def test_a_kernel_keeps_its_function_s_name_and_text():
    assert bag_means.__name__ == "bag_means"
    assert bag_means.__module__ == "salience.ops.embedding.cpu"
    assert bag_means.__doc__


@pytest.mark.parametrize("place", ["below a file", "nowhere"])
def test_a_cache_that_cannot_be_written_fails_no_call(tmp_path, place):
    # The tests may run as root, who can write to any folder, but not below a file.
    blocker = tmp_path / "file"
    blocker.write_text("")
    folder = blocker / "cache" if place == "below a file" else "/proc/nowhere/cache"
    assert run_python(MEANS, NUMBA_CACHE_DIR=str(folder)) == str(RESULT)


@needs_speed
def test_the_first_compilation_fills_the_cache_for_the_next(cache):
    first, second = fresh_means()[0], fresh_means()[0]
    assert sum(first._compiled.stats.cache_hits.values()) == 0
    assert sum(second._compiled.stats.cache_hits.values()) == 1
    assert {path.suffix for path in cache.rglob("*.nb*")} == {".nbi", ".nbc"}


@needs_speed
def test_a_change_of_what_a_kernel_inlines_makes_it_stale(tmp_path):
    package = shutil.copytree(Path(salience.__file__).parent, tmp_path / "salience")
    use = {"PYTHONPATH": str(tmp_path), "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    assert run_python(MEANS, **use) == str(RESULT)
    products = package / "cpu" / "products.py"
    products.write_text(products.read_text().replace("row[j] = 0.0", "row[j] = 1.0"))
    assert run_python(MEANS, **use) == str([1.0, 2.0, 5.0])


def test_kernels_fit_the_processor_that_numba_compiles_for():
    script = "from salience.cpu import simd; print(simd.WIDE)"
    assert run_python(script, NUMBA_CPU_NAME="generic") == "False"


def overwrite(folder, suffix, damage):
    damaged = list(folder.rglob(f"*{suffix}"))
    assert damaged
    for path in damaged:
        path.write_bytes(damage(path.read_bytes()))


DAMAGES = {
    "emptied": lambda content: b"",
    "cut": lambda content: content[: len(content) // 2],
    "overwritten": lambda content: b"\x80\x04junk" * 50,
    "text": lambda content: b"not a cache entry",
    "another pickle": lambda content: pickle.dumps({"a": 1}),
}


@needs_speed
@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_cache_entry_fails_no_call(cache, suffix, damage):
    fresh_means()
    overwrite(cache, suffix, DAMAGES[damage])
    assert fresh_means()[1] == RESULT


@needs_speed
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_damaged_cache_entry_fails_no_process(tmp_path, suffix):
    for _ in range(2):
        assert run_python(MEANS, NUMBA_CACHE_DIR=str(tmp_path)) == str(RESULT)
        overwrite(tmp_path, suffix, DAMAGES["overwritten"])


ROWS = "import numpy as np; from salience.cpu.products import add_rows_times as add"
COLUMNS = """
import numpy as np; from salience.cpu.products import ROWS_IN_CACHE, add_columns_times
from salience.cpu.strips import strips_for
def add(x, y, out): add_columns_times(x, y, strips_for(1, ROWS_IN_CACHE), out)
"""
USE = """
f, out = np.float32, np.zeros((2, 1), np.float32)
add(f([[1, 2], [3, 4]]), f([[1], [10]]), out); print(out.tolist())
"""


@needs_speed
def test_kernels_that_were_compiled_apart_work_together(tmp_path):
    # Functions they inline are linked by name: two of one name would be mixed up here.
    for _ in range(2):
        apart = [
            run_python(f"{each}\n{USE}", NUMBA_CACHE_DIR=str(tmp_path))
            for each in (ROWS, COLUMNS)
        ]  # fmt: skip
        together = run_python(f"{ROWS}\n{USE}\n{COLUMNS}\n{USE}", NUMBA_CACHE_DIR=str(tmp_path))
        assert together.split("\n") == apart == ["[[21.0], [43.0]]", "[[31.0], [42.0]]"]


def test_inlined_functions_have_names_of_their_own():
    def one():
        return 1

    inline(named("test_jit_one")(one))
    with pytest.raises(ValueError, match=r"two inlined functions are called .*test_jit_one"):
        inline(named("test_jit_one")(one))
