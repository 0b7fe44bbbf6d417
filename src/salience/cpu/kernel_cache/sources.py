"""What the kernels are made of, as a digest: any change of it makes cached kernels stale.

numba compiles a kernel anew when its own file has changed. Functions that it
inlines are in other files, and an installation leaves compiled kernels where
they are: so a change of any file in cpu, ops or cuda makes all kernels stale.
Where a program comes without its .py files (a frozen program, a slim image, a
zip), what there is of a module counts: its bytecode.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator
from functools import cache
from importlib.machinery import ModuleSpec
from pathlib import Path
from pkgutil import iter_modules
from types import CodeType
from typing import Any

PACKAGE = __name__.split(".")[0]
FOLDERS = ("cpu", "ops", "cuda")


@cache
def digest() -> bytes:
    """Return the SHA-256 of the files that kernels are made of."""
    total = hashlib.sha256()
    for part in _parts(Path(__file__).parents[2]):
        total.update(hashlib.sha256(part).digest())
    return total.digest()


def file_of(function: Callable[..., Any]) -> str | None:
    """Return the file that a function's module came from, None where it is not known."""
    return getattr(sys.modules.get(function.__module__), "__file__", None)


def _parts(here: Path) -> Iterator[bytes]:
    files = [path for of in FOLDERS for path in sorted((here / of).rglob("*.py"))]
    if files:
        yield from (path.read_bytes() for path in files)
        return
    specs = [spec for of in FOLDERS for spec in _specs(f"{PACKAGE}.{of}", str(here / of))]
    if not specs:
        yield _program()
    for spec in specs:
        yield spec.name.encode()
        yield _content(spec)


def _specs(package: str, folder: str) -> Iterator[ModuleSpec]:
    """A package's modules in the order of their names, without importing one."""
    for found in sorted(iter_modules([folder]), key=lambda module: module.name):
        name = f"{package}.{found.name}"
        spec = found.module_finder.find_spec(name, None)
        if spec is not None:
            yield spec
        if found.ispkg:
            yield from _specs(name, os.path.join(folder, found.name))


def _content(spec: ModuleSpec) -> bytes:
    loader: Any = spec.loader  # a zip's is none of importlib's classes
    source = loader.get_source(spec.name)
    if source is not None:
        return str(source).encode()
    code = loader.get_code(spec.name)
    return _program() if code is None else text_of(code)


def text_of(code: CodeType) -> bytes:
    """Return a function's bytecode as text, without the path of its file."""
    return repr(_readable(code)).encode()


def _readable(code: CodeType) -> tuple[Any, ...]:
    constants = [
        _readable(each) if isinstance(each, CodeType)
        else sorted(map(repr, each)) if isinstance(each, frozenset)
        else each
        for each in code.co_consts
    ]  # fmt: skip
    return code.co_name, code.co_code, code.co_names, code.co_varnames, code.co_freevars, constants


def _program() -> bytes:
    """The state of the program's own file, where nothing else can be read."""
    state = os.stat(sys.executable)
    return f"{sys.executable} {state.st_size} {state.st_mtime_ns}".encode()
