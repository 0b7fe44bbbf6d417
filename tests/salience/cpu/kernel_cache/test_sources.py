"""Kernels of packages that come without their .py files are cached too."""

import compileall
import os
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

import salience
from salience.cpu.kernel_cache import sources as kernel_sources

from ...helpers import needs_speed, run_python
from ...test_hostile_places import HITS, READ_ONLY
from ..test_jit import RESULT

PACKAGE = Path(salience.__file__).parent


def copy(folder):
    """The package without its models and caches, in this folder."""
    leave = shutil.ignore_patterns("__pycache__", "en_small")
    return shutil.copytree(PACKAGE, folder / "salience", ignore=leave)


def stripped(package):
    """The same as bytecode only."""
    assert compileall.compile_dir(package, quiet=1, legacy=True)
    for path in package.rglob("*.py"):
        path.unlink()
    return package


def zipped(package):
    """The same in a zip, and in no folder."""
    path = package.parent / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in package.rglob("*.py*"):
            if file.is_file():
                archive.write(file, file.relative_to(package.parent))
    shutil.rmtree(package)
    return path


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return {"NUMBA_CACHE_DIR": "", "HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": ""}


def hits(site, before="", **where):
    result, count = run_python(before + HITS, PYTHONPATH=str(site), **where).split("\n")
    assert result == str(RESULT)
    return int(count)


@needs_speed
@pytest.mark.parametrize("named", [False, True], ids=["beside", "named"])
def test_bytecode_only(tmp_path, home, named):
    site = tmp_path / "site"
    package = stripped(copy(site))
    where = {**home, "NUMBA_CACHE_DIR": str(tmp_path / "cache")} if named else home
    assert [hits(site, **where) for _ in range(2)] == [0, 1]
    assert len(list((tmp_path / "cache" if named else package).rglob("*.nbi"))) == 1


@needs_speed
def test_bytecode_only_warmed_up_and_on_a_read_only_disk(tmp_path, home):
    stripped(copy(tmp_path / "site"))
    assert hits(tmp_path / "site", **home) == 0
    assert hits(tmp_path / "site", READ_ONLY, **home) == 1
    # A layer of an image may be unpacked elsewhere.
    (tmp_path / "site").rename(tmp_path / "elsewhere")
    assert hits(tmp_path / "elsewhere", READ_ONLY, **home) == 1


@needs_speed
@pytest.mark.parametrize("made", [Path, stripped], ids=["sources", "bytecode"])
def test_a_zip(tmp_path, home, made):
    site = zipped(made(copy(tmp_path / "site")))
    assert [hits(site, **home) for _ in range(2)] == [0, 1]
    assert list((tmp_path / "home").rglob("*.nbi"))


# A loader that has code and no files, and a folder of its own in each process: as frozen programs.
FROZEN = """
import importlib.machinery, importlib.util, marshal, sys, tempfile
UNPACKED = tempfile.mkdtemp()
class Loader:
    def __init__(self, path, inner): self.path, self.inner = path, inner
    def create_module(self, spec): return None
    def get_code(self, name): return self.inner.get_code(name)
    def get_source(self, name): return None
    def exec_module(self, module): exec(self.get_code(module.__name__), module.__dict__)
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] != "salience": return None
        folder = SITE + "/" + "/".join(name.split(".")[:-1])
        spec = importlib.machinery.PathFinder.find_spec(name, [folder])
        if spec is None: return None
        file = UNPACKED + spec.origin[len(SITE):] if spec.origin else None
        inside = bool(spec.submodule_search_locations)
        loader = Loader(file, spec.loader)
        new = importlib.machinery.ModuleSpec(name, loader, origin=file, is_package=inside)
        new.has_location = True
        if new.submodule_search_locations is not None:
            new.submodule_search_locations.append(file.rpartition("/")[0])
        return new
sys.meta_path.insert(0, Finder())
sys.frozen = True
"""


@needs_speed
def test_a_frozen_program_that_is_unpacked_elsewhere_each_time(tmp_path, home):
    stripped(copy(tmp_path / "site"))
    before = f"SITE = {str(tmp_path / 'site')!r}\n{FROZEN}"
    assert [hits(tmp_path, before, **home) for _ in range(2)] == [0, 1]
    (index,) = (tmp_path / "home").rglob("*.nbi")
    assert index.parent.name.startswith("salience.ops.embedding_")


@pytest.mark.parametrize("archive", [False, True], ids=["bytecode", "zip"])
def test_a_change_of_another_module_makes_kernels_stale(tmp_path, home, archive):
    script = "from salience.cpu.kernel_cache.sources import digest; print(digest().hex())"
    found = []
    for name, change in (("a", None), ("b", None), ("c", ("row[j] = 0.0", "row[j] = 1.0"))):
        package = copy(tmp_path / name)
        products = package / "cpu" / "products.py"
        times = products.stat()
        if change:
            products.write_text(products.read_text().replace(*change))
        os.utime(products, ns=(times.st_atime_ns, times.st_mtime_ns))
        site = zipped(package) if archive else stripped(package).parent
        found.append(run_python(script, PYTHONPATH=str(site), **home))
    assert found[0] == found[1] != found[2]


def test_the_same_function_has_the_same_text_wherever_it_was_compiled():
    def code(text, file):
        return kernel_sources.text_of(compile(text, file, "exec"))

    text = "def f(x):\n    return x in {1, 2, 3} or (lambda: 0.5)()\n"
    assert code(text, "here.py") == code(text, "there.py")
    assert code(text, "here.py") != code(text.replace("0.5", "0.25"), "here.py")
    assert code(text, "here.py") != code(text.replace("{1, 2", "{4, 2"), "here.py")


def test_a_program_of_which_nothing_can_be_read_counts_by_its_own_file(monkeypatch, tmp_path):
    monkeypatch.setattr(kernel_sources, "__file__", str(tmp_path / "nowhere" / "file.pyc"))
    ask = kernel_sources.digest.__wrapped__
    before = ask()
    assert ask() == before
    (tmp_path / "program").write_text("another program")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "program"))
    assert ask() != before
