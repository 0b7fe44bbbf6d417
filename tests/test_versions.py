"""Versions of other packages: which are allowed, which are tried, which private names are used."""

import ast
import importlib
import re
from importlib.metadata import PackageNotFoundError, version

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from .test_structure import CORE

tomllib = pytest.importorskip("tomllib", reason="Python has it from 3.11 on")

ROOT = CORE.parents[1]
PRIVATE = ("numba.core", "numba.misc", "numba.cuda.")
"""What is not documented to stay; `numba.cuda` itself and `numba.extending` are."""


def requirements():
    """What the project needs, its extras included, but for the ones that only developers have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    names = ("ann", "cuda", "dask", "evaluate", "plot", "tables", "test")
    lists = [project["dependencies"], *(extras[name] for name in names)]
    found = [Requirement(each) for wanted in lists for each in wanted]
    return {each.name: each.specifier for each in found if each.name != "salience"}


def oldest():
    lines = (ROOT / "tests" / "oldest.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if "==" in line)


def test_the_oldest_versions_are_those_that_are_allowed():
    lowest = {
        name: next(each.version for each in specifier if each.operator == ">=")
        for name, specifier in requirements().items()
    }
    assert {name: Version(found) for name, found in oldest().items()} == {
        name: Version(found) for name, found in lowest.items()
    }


def test_what_is_installed_is_allowed():
    for name, specifier in requirements().items():
        try:
            found = version(name)
        except PackageNotFoundError:
            continue
        assert found in specifier, f"{name} {found}"


def private_names():
    """What the core imports of numba's that is not documented to stay: (module, name)."""
    for path in sorted(CORE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and f"{node.module}.".startswith(PRIVATE):
                yield from ((node.module, alias.name) for alias in node.names)


NAMES = sorted(set(private_names()))


def test_there_are_some():
    assert ("numba.core.caching", "FunctionCache") in NAMES


@pytest.mark.parametrize(("module", "name"), NAMES)
def test_a_private_name_of_numba_is_there_and_in_the_table(module, name):
    assert hasattr(importlib.import_module(module), name)
    rows = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").splitlines()
    row = next(row for row in rows if row.startswith(f"| `{module}`"))
    assert re.search(rf"`{name}`", row)
