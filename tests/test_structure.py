"""The conventions of the tree, kept by being red where one is broken."""

import ast
import importlib
import inspect
import re
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


MOST_ARGUMENTS, MOST_LINES = 8, 24
"""Of a function that is compiled, without its docstring and comments."""

# Those with more: how many arguments and lines they have, and may have at most.
LARGER = {
    "cpu.products.add": (9, 5),
    "cpu.products.add_transposed_product": (9, 1),
    "cpu.products.cover": (12, 19),
    "cuda.owner_sums.add_groups": (8, 34),
    "cuda.sorting.move": (4, 37),
    "ops.bilinear_attention.cpu._weigh": (9, 12),
    "ops.bilinear_attention.cpu._weigh_group": (13, 10),
    "ops.bilinear_attention.cpu.attend": (14, 30),
    "ops.bilinear_attention.cpu.attend_back": (18, 50),
    "ops.bilinear_attention.cuda_back.means": (19, 76),
    "ops.bilinear_attention.cuda_back.slopes": (22, 82),
    "ops.bilinear_attention.cuda_forward.attend": (16, 59),
    "ops.bilinear_attention.cuda_forward.receive": (17, 60),
    "ops.bilinear_attention.cuda_tiles.product": (14, 16),
    "ops.bilinear_attention.cuda_tiles.weigh": (9, 14),
    "ops.bilinear_attention.cuda_wide._weigh_row": (11, 21),
    "ops.bilinear_attention.cuda_wide.attend_wide": (18, 26),
    "ops.bilinear_attention.cuda_wide.back_wide": (23, 44),
    "ops.bilinear_attention.cuda_wide.weigh_rows": (12, 10),
    "ops.gated_recurrence.cpu.scan_back": (11, 30),
    "ops.gated_recurrence.cuda.scan_back": (12, 25),
    "ops.linear_recurrence.cpu.scan_back": (9, 18),
    "ops.linear_recurrence.cuda.scan_back": (11, 22),
    "ops.pooling.cpu.pool_back": (9, 14),
    "ops.pooling.cuda.pool": (8, 47),
    "ops.pooling.cuda.pool_back": (10, 21),
    "ops.pooling.cuda.pool_wide": (7, 32),
    "ops.tanh_recurrence.cpu.step_abreast": (11, 20),
    "ops.tanh_recurrence.cpu.step_back_abreast": (12, 19),
    "ops.tanh_recurrence.cuda.walk": (8, 28),
    "ops.tanh_recurrence.cuda.walk_back": (12, 34),
    "ops.tanh_recurrence.cuda.walk_back_wide": (12, 22),
}


def compiled_functions():
    """The functions that are compiled for the CPU or a GPU: {name: (arguments, lines)}."""
    found = {}
    for path in CORE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        module = ".".join(path.relative_to(CORE).with_suffix("").parts)
        for function, is_inner in functions_in(ast.parse(text)):
            marks = {ast.unparse(mark).split("(")[0] for mark in function.decorator_list}
            if marks & {"kernel", "inline"} or (is_inner and KERNELS.search(text)):
                found[f"{module}.{function.name}"] = size_of(function, text.splitlines())
    return found


def functions_in(tree, is_inner=False):
    """All functions below a node, and whether each is made by another function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef):
            yield node, is_inner
        yield from functions_in(node, is_inner or isinstance(node, ast.FunctionDef))


def size_of(function, lines):
    """How many arguments a function has, and how many lines of code."""
    first = function.body[1 if ast.get_docstring(function) else 0]
    code = [line.strip() for line in lines[first.lineno - 1 : function.end_lineno]]
    taken = function.args
    arguments = [*taken.posonlyargs, *taken.args, *filter(None, [taken.vararg])]
    return len(arguments), sum(not line.startswith("#") for line in code if line)


KERNELS = re.compile(r"^(@|\w+ = )(jit\.)?kernel\(", re.MULTILINE)


def test_a_compiled_function_is_short_and_takes_little():
    found = compiled_functions()
    assert {"cuda.sorting.move", "ops.fusion.cpu.fuse", "cpu.products.cover"} <= set(found)
    too_large = {
        name: size for name, size in found.items()
        if not fits(size, LARGER.get(name, (MOST_ARGUMENTS, MOST_LINES)))
    }  # fmt: skip
    assert not too_large
    no_longer = {
        name for name in LARGER if fits(found.get(name, (0, 0)), (MOST_ARGUMENTS, MOST_LINES))
    }
    assert not no_longer, "these are as small as others: take them out of LARGER"


def fits(size, most):
    return all(have <= want for have, want in zip(size, most, strict=True))
