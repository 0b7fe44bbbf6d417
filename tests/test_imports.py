"""Imports point down and never in a circle, and the core knows no spaCy."""

import ast
import sys
from graphlib import CycleError, TopologicalSorter

import pytest

from .test_structure import CORE, OPS, PLUGIN, op_by_op

# What a part of the core may import from the core: its own level's helpers and
# what is below. Parts that are not listed may import anything in the core.
BELOW = {"errors", "types"}
SPOKEN = {*BELOW, "checks", "lazy", "ragged", "threads"}
ALLOWED = {
    "errors": set(),
    "types": set(),
    "lazy": set(),
    "interrupts": set(),
    "files": set(),
    "exchange": {"files"},
    "control_groups": set(),
    "cores": {"control_groups"},
    "room": {"control_groups"},
    "ragged": BELOW,
    "threads": {*BELOW, "checks", "cores"},
    "checks": {*BELOW, "cuda"},
    "cpu": {*BELOW, "threads"},
    "cuda": {*BELOW, "cpu"},
    "ops": {*SPOKEN, "cpu", "cuda"},
    "layers": {*SPOKEN, "ops", "model"},
    "model": {*SPOKEN, "files", "cpu", "ops"},
    "encoder": {*SPOKEN, "cpu", "cuda", "ops", "model"},
    "training": {*SPOKEN, "files", "interrupts", "ops", "layers", "model", "encoder"},
    "vectors": {
        *SPOKEN,
        "cpu",
        "exchange",
        "files",
        "interrupts",
        "model",
        "ops",
        "training",
    },
    "testing": {*BELOW, "model"},
}

# The same of the plugin, from the bottom up: what is stored on a Doc; who reads
# doc.tensor; the models; the component that runs one. Beside it, how texts are read
# from files and results are drawn; above it, what people call, then the commands.
COMPONENT = {"annotations", "component", "models"}
CALLED = {"evaluation", "explanations", "keyphrases", "learning"}
PLUGIN_ALLOWED = {
    "packages": set(),
    "texts": {"packages"},
    "annotations": set(),
    "listeners": {"annotations"},
    "models": {"annotations", "listeners"},
    "architectures": {"listeners", "models"},
    "loaders": {"models"},
    "component": {"annotations", "listeners", "models"},
    "encoding": {*COMPONENT, "packages"},
    "sklearn": {"component", "encoding", "explanations", "keyphrases", "packages"},
    "factory": {"component", "listeners", "models"},
    "pictures": {"annotations", "packages"},
    "explanations": {"annotations", "models", "pictures"},
    "keyphrases": {"annotations"},
    "search": {"annotations", "packages"},
    "near_duplicates": {"component", "encoding", "search"},
    "indexing": {*COMPONENT, "encoding", "explanations", "packages", "runs", "texts"},
    "evaluation": {*COMPONENT, "indexing", "keyphrases", "packages", "pictures", "texts"},
    "learning": {*COMPONENT, "evaluation", "packages", "texts"},
    "word_vectors": {"component", "models", "packages", "texts"},
    "runs": {*COMPONENT, "encoding", "keyphrases", "packages", "texts"},
    "tables": {"packages", "runs", "texts"},
    "cli": {
        *COMPONENT,
        "evaluation",
        "explanations",
        "indexing",
        "keyphrases",
        "learning",
        "near_duplicates",
        "pictures",
        "runs",
        "texts",
        "word_vectors",
    },
}

# The bottom of cuda/. Its other files may import these and each other.
CUDA_ALLOWED = {
    "simulated": set(),
    "faults": {"simulated"},
    "places": {"faults"},
    "kernel_cache": set(),
    "jit": {"faults", "kernel_cache", "places", "simulated"},
    "arrays": {"faults", "jit", "places", "simulated"},
    "extremes": {"arrays", "jit", "places"},
    "given": {"arrays", "extremes", "places"},
}


def base_of(path):
    """The folder that a file's package is in."""
    return next(root.parent for root in (CORE, PLUGIN) if path.is_relative_to(root))


def name_of(path):
    """A file's module, as in salience.ops.cosine.cpu."""
    parts = path.relative_to(base_of(path)).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """The full names of all that a file imports, wherever in it but for types alone."""
    yield from imports_in(path.read_text("utf-8"), path.parent.relative_to(base_of(path)).parts)


def imports_in(code, package):
    """The same of code in a package, given as its parts."""
    tree = ast.parse(code)
    of_types = {id(node) for block in filter(is_for_types, ast.walk(tree)) for node in
                (each for line in block.body for each in ast.walk(line))}  # fmt: skip
    for node in ast.walk(tree):
        if id(node) in of_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            for alias in node.names:
                yield ".".join(filter(None, [*base, node.module, alias.name]))


def is_for_types(node):
    """Whether this is `if TYPE_CHECKING:`, whose imports are never run."""
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def graph_of(named):
    """What each module imports of these {name: its imports}, the packages around it too."""
    graph = {}
    for name, found in named.items():
        graph[name] = {
            each if each in named else each.rpartition(".")[0] for each in found
        } & named.keys() - {name}
        for module in list(graph[name]):
            around = [module[:at] for at, letter in enumerate(module) if letter == "."]
            graph[name] |= {outer for outer in around if not f"{name}.".startswith(f"{outer}.")}
    return graph


def modules_of(root):
    return {name_of(path): set(imports(path)) for path in root.rglob("*.py")}


def circle_in(graph):
    """Modules that import each other in a ring, none where there is no ring."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def below(graph, name):
    """All modules that a module needs, whichever way."""
    found, left = set(), [name]
    while left:
        new = graph[left.pop()] - found
        found |= new
        left += new
    return found


def test_the_parser_of_imports_sees_relative_ones():
    found = set(imports(CORE / "ops" / "cosine" / "cpu.py"))
    assert {"numpy", "salience.cpu.jit.kernel"} <= found
    assert "salience.ops.cosine.cpu" in set(imports(CORE / "ops" / "cosine" / "__init__.py"))
    assert "spacy_salience.listeners.order.changed" in set(imports(PLUGIN / "listeners/listen.py"))


@pytest.mark.parametrize(
    "late",
    ["from .b import x", "def f():\n    from . import b", "import p.b", "class C:\n    import p.b"],
)
def test_a_circle_is_found_wherever_it_is_closed(late):
    named = {
        "p": (),
        "p.a": imports_in(late, ("p",)),
        "p.b": imports_in("from .a import y", ("p",)),
    }
    assert set(circle_in(graph_of(named))) == {"p.a", "p.b"}


def test_a_circle_by_way_of_a_package_is_found():
    named = {"p": (), "p.q": ["p.q.a.x"], "p.q.a": ["p.b.y"], "p.b": ["p.q.c.z"], "p.q.c": ()}
    assert {"p.q", "p.q.a", "p.b"} <= set(circle_in(graph_of(named)))


def test_what_is_imported_for_types_alone_closes_no_circle():
    code = "if TYPE_CHECKING:\n    from .b import x\nelse:\n    from .c import z"
    assert list(imports_in(code, ("p",))) == ["p.c.z"]
    assert list(imports_in("if typing.TYPE_CHECKING:\n    import p.b", ("p",))) == []


@pytest.mark.parametrize("root", [CORE, PLUGIN], ids=["core", "plugin"])
def test_no_imports_go_in_a_circle(root):
    circle = circle_in(graph_of(modules_of(root)))
    assert not circle, " -> ".join(circle)


def test_little_of_cuda_lies_below_the_checks():
    found = below(graph_of(modules_of(CORE)), "salience.checks")
    of_cuda = {name.removeprefix("salience.cuda.") for name in found if ".cuda." in name}
    assert of_cuda <= set(CUDA_ALLOWED), of_cuda
    assert {name for name in imports(CORE / "checks.py") if ".cuda." in name} == {
        "salience.cuda.given"
    }


@op_by_op
def test_a_reference_needs_nothing_but_numpy_and_the_order_of_walks(op):
    for path in (CORE / "ops" / op / "reference.py", CORE / "ops" / "walks.py"):
        for name in imports(path):
            top = name.split(".")[0]
            known = top == "numpy" or top in sys.stdlib_module_names
            assert known or name == "salience.ops.walks.walks", name


@op_by_op
def test_an_op_imports_no_sibling(op):
    for path in (CORE / "ops" / op).glob("*.py"):
        for name in imports(path):
            for sibling in set(OPS) - {op}:
                assert not f"{name}.".startswith(f"salience.ops.{sibling}."), (path, name)


@pytest.mark.parametrize("path", sorted(CORE.rglob("*.py")), ids=name_of)
def test_the_core_imports_downwards_and_nothing_of_spacy_or_a_framework(path):
    own = f"{name_of(path)}..".split(".")[1]
    for name in imports(path):
        top, part = f"{name}.".split(".")[:2]
        assert top not in {"spacy", "spacy_salience", "torch", "sentence_transformers"}
        assert top != "thinc" or own in {"layers", "training"}, name
        if top == "salience" and own in ALLOWED and part != own:
            assert part in ALLOWED[own], f"{own} imports {name}"


@pytest.mark.parametrize("path", sorted(CORE.glob("cuda/*.py")), ids=name_of)
def test_the_bottom_of_cuda_is_a_bottom(path):
    for name in imports(path):
        package, _, part = f"{name}.".removeprefix("salience.").partition(".")
        if package == "cuda" and path.stem in CUDA_ALLOWED:
            assert part.split(".")[0] in CUDA_ALLOWED[path.stem], f"{path.stem} imports {name}"


@pytest.mark.parametrize("path", sorted(PLUGIN.rglob("*.py")), ids=name_of)
def test_the_plugin_imports_downwards(path):
    own = f"{name_of(path)}..".split(".")[1]
    for name in imports(path):
        top, part = f"{name}.".split(".")[:2]
        if top == "spacy_salience" and own and part != own:
            assert part in PLUGIN_ALLOWED[own], f"{own} imports {name}"


def test_the_tables_name_what_there_is():
    for table, root in ((ALLOWED, CORE), (PLUGIN_ALLOWED, PLUGIN), (CUDA_ALLOWED, CORE / "cuda")):
        missing = {name for name in table if not list(root.glob(f"{name}*"))}
        assert not missing
    parts = {path.stem for path in PLUGIN.glob("[!_]*") if path.suffix in ("", ".py")}
    assert parts == set(PLUGIN_ALLOWED)


def test_importing_the_plugin_imports_no_numba():
    from .salience.helpers import run_python

    code = (
        "import sys, spacy_salience; print('numba' in sys.modules, 'salience.ops' in sys.modules)"
    )
    assert run_python(code) == "False False"
