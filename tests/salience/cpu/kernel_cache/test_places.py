"""Folders of cached kernels, each seen by processes of their own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import salience

from ...helpers import needs_speed
from ...test_hostile_places import HITS
from ..test_jit import RESULT

pytestmark = [
    needs_speed,
    pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such rights"),
]
root_only = pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() != 0, reason="only root can give files away"
)
REFUSED = "cached kernels are code, and those in "


def run(script, **environment):
    """What a process printed, and what it said beside that."""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, **environment}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip(), done.stderr


def hits(script=HITS, **environment):
    said, beside = run(script, **environment)
    result, count = said.split("\n")
    assert result == str(RESULT)
    return int(count), beside


@pytest.fixture
def site(tmp_path):
    """A package of its own, with a home folder, where no folder is named."""
    leave = shutil.ignore_patterns("__pycache__", "en_small")
    shutil.copytree(Path(salience.__file__).parent, tmp_path / "site" / "salience", ignore=leave)
    (tmp_path / "home").mkdir()
    return {
        "NUMBA_CACHE_DIR": "", "PYTHONPATH": str(tmp_path / "site"),
        "HOME": str(tmp_path / "home"), "XDG_CACHE_HOME": "",
    }  # fmt: skip


def open_to_all(folder):
    folder.chmod(0o777)


def another_user_s(folder):
    os.chown(folder, 12345, 12345)


strangers = pytest.mark.parametrize(
    "opened", [open_to_all, pytest.param(another_user_s, marks=root_only)]
)


@pytest.fixture(scope="module")
def warm(tmp_path_factory):
    """A named folder in which a kernel is cached, and a copy of which is used as well."""
    folder = tmp_path_factory.mktemp("warm")
    assert hits(NUMBA_CACHE_DIR=str(folder / "cache")) == (0, "")
    copied = shutil.copytree(folder / "cache", folder / "copy")
    assert hits(NUMBA_CACHE_DIR=str(copied)) == (1, "")
    return folder / "cache"


@strangers
@pytest.mark.parametrize("which", ["named", "inside", "files"])
def test_a_named_folder_of_others_is_refused_and_told(warm, tmp_path, opened, which):
    where = {"NUMBA_CACHE_DIR": str(shutil.copytree(warm, tmp_path / "cache"))}
    (inside,) = (tmp_path / "cache").iterdir()
    for path in {"named": [tmp_path / "cache"], "inside": [inside], "files": inside.iterdir()}[
        which
    ]:
        opened(path)
    count, said = hits(**where)
    assert count == 0
    assert said.count(REFUSED) == 1
    assert str(tmp_path / "cache") in said


def test_a_folder_of_others_is_not_written_to(tmp_path):
    open_to_all(tmp_path)
    for _ in range(2):
        count, said = hits(NUMBA_CACHE_DIR=str(tmp_path))
        assert count == 0
        assert REFUSED in said
    assert not list(tmp_path.iterdir())
    # What the message says helps: a folder of one's own, which may be in there.
    for count in (0, 1):
        assert hits(NUMBA_CACHE_DIR=str(tmp_path / "mine")) == (count, "")


def test_any_umask_makes_a_folder_that_is_trusted(tmp_path):
    script = "import os; os.umask(0)\n" + HITS
    for count in (0, 1):
        assert hits(script, NUMBA_CACHE_DIR=str(tmp_path / "new" / "cache")) == (count, "")


def test_kernels_in_a_folder_like_tmp_are_used(tmp_path):
    tmp_path.chmod(0o1777)
    for count in (0, 1):
        assert hits(NUMBA_CACHE_DIR=str(tmp_path)) == (count, "")


@strangers
def test_beside_the_package_a_folder_of_others_gives_way_to_the_user_s(site, tmp_path, opened):
    assert hits(**site) == (0, "")
    (inside,) = {path.parent for path in (tmp_path / "site").rglob("*.nbi")}
    opened(inside)
    for count in (0, 1):
        found, said = hits(**site)
        assert found == count
        assert f"{REFUSED}{inside} " in said
    assert list((tmp_path / "home").rglob("*.nbi"))


@root_only
def test_what_root_warmed_up_beside_the_package_works_for_anybody(site, tmp_path):
    assert hits(**site) == (0, "")
    # What the other user may not read (Python itself, perhaps) is imported before.
    script = (
        "import os, numba, salience.ops.embedding.cpu\n"
        "numba.njit('f8(f8)')(lambda x: x + 1)\n"
        "os.setgroups([]); os.setresgid(54321, 54321, 54321); os.setresuid(54321, 54321, 54321)\n"
    )
    for path in (*tmp_path.parents, tmp_path):
        if not path.stat().st_mode & 0o001:
            path.chmod(path.stat().st_mode | 0o011)
    assert hits(script + HITS, **site) == (1, "")


@pytest.mark.parametrize("folder", ["", "cache"])
def test_no_cache_is_in_the_folder_that_one_happens_to_be_in(site, tmp_path, folder):
    shutil.rmtree(tmp_path / "site" / "salience" / "ops" / "embedding" / "__pycache__", True)
    (tmp_path / "site" / "salience" / "ops" / "embedding" / "__pycache__").write_text("")
    for count in (0, 1):
        script = f"import os; os.chdir({str(tmp_path)!r})\n{HITS}"
        assert hits(script, **{**site, "XDG_CACHE_HOME": folder}) == (count, "")
    assert list((tmp_path / "home").rglob("*.nbi"))
