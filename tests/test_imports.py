"""Imports point down, and the core knows no spaCy."""

import ast
import sys

import pytest

from .test_structure import CORE, OPS, op_by_op

# What a part of the core may import from the core: its own level's helpers and
# what is below. Parts that are not listed may import anything in the core.
BELOW = {"errors", "types"}
ALLOWED = {
    "errors": set(),
    "types": set(),
    "forms": set(),
    "signatures": set(),
    "files": set(),
    "exchange": {"files"},
    "kernel_sources": set(),
    "kernel_trust": set(),
    "kernel_files": {"kernel_trust"},
    "kernel_places": {"kernel_sources", "kernel_trust"},
    "kernel_cache": {"kernel_sources", "kernel_trust", "kernel_files", "kernel_places"},
    "jit": {*BELOW, "kernel_cache"},
    "lazy": set(),
    "ragged": BELOW,
    "reading": {*BELOW, "forms", "ragged"},
    "spreading": {*BELOW, "reading"},
    "cores": set(),
    "threads": {*BELOW, "checks", "cores"},
    "cuda": {*BELOW, "kernel_cache", "kernel_files", "kernel_places"},
    "checks": {*BELOW, "cuda"},
    "vocab": {*BELOW, "forms", "lazy"},
    "weights": {*BELOW, "files", "signatures"},
    "ops": {*BELOW, "checks", "cuda", "jit", "threads"},
    "layers": {*BELOW, "checks", "threads", "ops"},
    "magnitudes": {*BELOW, "parameters"},
    "parameters": {*BELOW, "checks", "magnitudes", "vocab", "weights", "ops"},
    "parts": BELOW,
    "encoder": {
        *BELOW,
        *{
            "checks",
            "forms",
            "lazy",
            "vocab",
            "weights",
            "ops",
            "parameters",
            "reading",
            "spreading",
        },
        *{"encoder_cpu", "encoder_cuda"},
    },
    "encoder_cpu": {*BELOW, "threads", "ops", "parameters", "parts"},
    "encoder_cuda": {*BELOW, "cuda", "ops", "parameters", "parts"},
    "pretrained": {*BELOW, "weights"},
    "interchange": {*BELOW, "checks", "ops", "signatures", "weights"},
    "training": {
        *BELOW,
        *{"checks", "files", "forms", "ragged", "vocab", "weights", "ops", "parameters", "encoder"},
    },
    "testing": {*BELOW, "weights"},
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
    assert {"numpy", "salience.jit.kernel"} <= found
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
