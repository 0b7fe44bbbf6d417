"""The conventions of the tree, kept by being red where one is broken."""

import importlib
import inspect
from importlib import metadata
from pathlib import Path

import pytest

import salience
from salience import ops

from .salience.helpers import run_python

ROOT = Path(__file__).parent.parent
CORE = ROOT / "src" / "salience"
PLUGIN = ROOT / "spacy_plugin" / "spacy_salience"
OPS = sorted(path.parent.name for path in CORE.glob("ops/*/__init__.py"))
op_by_op = pytest.mark.parametrize("op", OPS)


def test_there_are_ops():
    assert len(OPS) >= 7


@op_by_op
def test_an_op_is_a_folder_a_test_a_benchmark_and_an_export(op):
    for path in (
        CORE / "ops" / op / "reference.py",
        CORE / "ops" / op / "cpu.py",
        CORE / "ops" / op / "cuda.py",
        ROOT / "tests" / "salience" / "ops" / f"test_{op}.py",
        ROOT / "tests" / "salience" / "cuda" / f"test_{op}.py",
        ROOT / "benchmarks" / f"bench_{op}.py",
    ):
        assert path.exists(), path
    names = importlib.import_module(f"salience.ops.{op}").__all__
    assert names
    assert set(names) <= set(ops.__all__)
    assert all(callable(getattr(ops, name)) for name in names)


@op_by_op
@pytest.mark.parametrize("device", ["cpu", "cuda"])
def test_a_reference_and_its_fast_twin_take_the_same(op, device):
    if device == "cuda":
        pytest.importorskip("numba_cuda", reason="the extra salience[cuda] is not installed")
    slow, fast = (
        importlib.import_module(f"salience.ops.{op}.{of}") for of in ("reference", device)
    )
    functions = inspect.getmembers(slow, inspect.isfunction)
    functions = {name: value for name, value in functions if value.__module__ == slow.__name__}
    functions = {name: value for name, value in functions.items() if not name.startswith("_")}
    assert functions
    for name, function in functions.items():
        twin = inspect.signature(getattr(fast, name))
        assert list(twin.parameters) == list(inspect.signature(function).parameters), name


@pytest.mark.parametrize("path", [*CORE.rglob("*.py"), *PLUGIN.rglob("*.py")], ids=str)
def test_a_file_is_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_an_import_is_quiet():
    script = """
import os, socket, sys
def refuse(*args, **named): raise AssertionError("a socket was opened")
socket.socket = socket.create_connection = refuse
before = dict(os.environ)
import salience.ops, salience.encoder.encoder, salience.model.pretrained, salience.training.start
assert dict(os.environ) == before
print(sorted({"torch", "spacy", "thinc", "cupy", "tensorflow"} & set(sys.modules)))
"""
    assert run_python(script) == "[]"


def test_the_version_is_the_distribution_s():
    assert metadata.version("salience") == salience.__version__


@pytest.mark.parametrize("entry", metadata.distribution("salience").entry_points, ids=str)
def test_an_entry_point_loads(entry):
    assert callable(entry.load())
