"""Imports point down, and the core knows no spaCy."""

import ast
import sys

import pytest

from .test_structure import CORE, OPS, op_by_op

# What a part of the core may import from the core: its own level's helpers and
# what is below. Parts that are not listed may import anything in the core.
BELOW = {"errors", "types"}
SPOKEN = {*BELOW, "checks", "lazy", "ragged", "threads"}
ALLOWED = {
    "errors": set(),
    "types": set(),
    "lazy": set(),
    "files": set(),
    "exchange": {"files"},
    "cores": set(),
    "room": BELOW,
    "ragged": BELOW,
    "threads": {*BELOW, "checks", "cores"},
    "checks": {*BELOW, "cuda"},
    "cpu": {*BELOW, "threads"},
    "cuda": {*BELOW, "cpu"},
    "ops": {*SPOKEN, "cpu", "cuda"},
    "layers": {*SPOKEN, "ops"},
    "model": {*SPOKEN, "files", "cpu", "ops"},
    "encoder": {*SPOKEN, "cpu", "cuda", "ops", "model"},
    "training": {*SPOKEN, "files", "ops", "layers", "model", "encoder"},
    "testing": {*BELOW, "model"},
}


def name_of(path):
    """A file's module, as in salience.ops.cosine.cpu."""
    parts = path.relative_to(CORE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """The full names of all that a file imports, wherever in it."""
    package = path.parent.relative_to(CORE.parent).parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            for alias in node.names:
                yield ".".join(filter(None, [*base, node.module, alias.name]))


def test_the_parser_of_imports_sees_relative_ones():
    found = set(imports(CORE / "ops" / "cosine" / "cpu.py"))
    assert {"numpy", "salience.cpu.jit.kernel"} <= found
    assert "salience.ops.cosine.cpu" in set(imports(CORE / "ops" / "cosine" / "__init__.py"))


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
