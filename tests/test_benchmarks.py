"""Every benchmark runs once with its smallest parameters, and peers compute the same."""

import importlib
import importlib.util
import inspect
import os
import sys
from pathlib import Path
from unittest import mock

import numpy as np
import pytest

from salience import threads

ROOT = Path(__file__).parent.parent
NAMES = {path.stem for path in (ROOT / "benchmarks").glob("bench_*.py")}
NAMES = sorted(NAMES - {"bench_cuda"})  # which has its tests in salience/cuda
OPS = sorted(path.parent.name for path in (ROOT / "src/salience/ops").glob("*/__init__.py"))


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    """Benchmarks pin threads, ours, BLAS's and PyTorch's; later tests must not notice."""
    monkeypatch.setattr(threads._State, "asked", None)
    monkeypatch.setattr(threads._State, "pool", None)
    torch = sys.modules.get("torch")
    count = torch.get_num_threads() if torch else 0
    with mock.patch.dict(os.environ):
        yield
    if torch:
        torch.set_num_threads(count)


@pytest.mark.parametrize("name", NAMES)
def test_benchmarks_run_once(name):
    assert run_all(ROOT / "benchmarks", name) > 0


def test_every_op_has_a_benchmark():
    assert {f"bench_{op}" for op in OPS} <= set(NAMES)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ("raise ValueError('a broken benchmark')", "a broken benchmark"),
        ("return 2.0", "Not equal to tolerance"),
    ],
)
def test_a_broken_benchmark_is_noticed(tmp_path, body, message):
    (tmp_path / "__init__.py").touch()
    (tmp_path / "bench_broken.py").write_text(
        f"class Broken:\n    def time_sum(self): return 1.0\n    def time_numpy_sum(self): {body}\n"
    )
    with pytest.raises((ValueError, AssertionError), match=message):
        run_all(tmp_path, "bench_broken")


def run_all(folder, name):
    """Run each benchmark of a file once, as asv would, and return how many there are."""
    module = importlib.import_module(f"{package_at(folder)}.{name}")
    classes = [
        value
        for _, value in inspect.getmembers(module, inspect.isclass)
        if value.__module__ == module.__name__
    ]
    return sum(run_class(each) for each in classes)


def package_at(folder):
    """Import the folder as a package, by its path, and return the name it got."""
    name = f"_benchmarks_in_{abs(hash(folder))}"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, folder / "__init__.py")
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return name


def run_class(benchmark):
    """Run each method of a class with the first, smallest value of each parameter."""
    instance, results = benchmark(), {}
    smallest = [values[0] for values in getattr(benchmark, "params", ())]
    getattr(instance, "setup", _nothing)(*smallest)
    for name, _ in inspect.getmembers(instance, inspect.ismethod):
        if name.startswith(("time_", "track_", "peakmem_")):
            results[name] = getattr(instance, name)(*smallest)
    getattr(instance, "teardown", _nothing)(*smallest)
    check(results)
    return len(results)


def check(results):
    """A track_ result is a number above 0; a peer computes what its op does.

    Unless its name says that it computes something else; and None is what it leaves out.
    """
    common = importlib.import_module(f"{package_at(ROOT / 'benchmarks')}.common")
    for name, result in results.items():
        if name.startswith("track_"):
            assert result > 0, name
        op = common.op_of(name, results)
        if op is not None and not common.OTHER_WORK.search(name):
            for one, other in zip(as_tuple(results[op]), as_tuple(result), strict=True):
                if other is not None:
                    close = 1e-4 * max(1, np.abs(one).max())
                    np.testing.assert_allclose(one, other, atol=close, err_msg=name)


def as_tuple(result):
    return result if isinstance(result, tuple) else (result,)


def _nothing(*_):
    return None
