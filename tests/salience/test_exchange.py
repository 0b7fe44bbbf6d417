"""A folder is written whole or not at all, also where the disk cannot exchange two."""

import os
import stat

import pytest

from salience import exchange, files
from salience.exchange import write_folder

from ..killed import killed


@pytest.fixture(params=["exchanged", "renamed"])
def way(request, monkeypatch):
    if request.param == "renamed":
        monkeypatch.setattr(exchange, "_exchanged", lambda *_: False)
    return request.param


def content(number):
    def write(folder):
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_text(f"{number}")

    return write


def read(path):
    assert os.listdir(path) == ["deep"]
    return (path / "deep" / "file").read_text()


def test_a_folder_is_new_and_then_another(way, tmp_path):
    path = tmp_path / "folder"
    for number in range(3):
        write_folder(path, content(number))
        assert read(path) == f"{number}"
        assert os.listdir(tmp_path) == ["folder"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_fails_leaves_the_old_one_and_nothing_else(way, tmp_path, error):
    def fails(folder):
        content(2)(folder)
        raise error

    write_folder(tmp_path / "folder", content(1))
    with pytest.raises(error):
        write_folder(tmp_path / "folder", fails)
    assert read(tmp_path / "folder") == "1"
    assert os.listdir(tmp_path) == ["folder"]


def test_a_second_rename_that_fails_is_undone(tmp_path, monkeypatch):
    monkeypatch.setattr(exchange, "_exchanged", lambda *_: False)
    write_folder(tmp_path / "folder", content(1))
    rename, calls = os.rename, []

    def second_fails(*paths):
        calls.append(paths)
        if len(calls) == 2:
            raise PermissionError
        rename(*paths)

    monkeypatch.setattr(os, "rename", second_fails)
    with pytest.raises(PermissionError):
        write_folder(tmp_path / "folder", content(2))
    assert read(tmp_path / "folder") == "1"
    assert os.listdir(tmp_path) == ["folder"]


def test_it_is_asked_before_and_after_the_work(way, tmp_path):
    write_folder(tmp_path / "folder", content(1))
    asked = []

    def check():
        asked.append(os.listdir(tmp_path))
        if len(asked) == 2:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_folder(tmp_path / "folder", content(2), check)
    assert asked[0] == ["folder"]
    assert read(tmp_path / "folder") == "1"
    assert os.listdir(tmp_path) == ["folder"]


def test_a_folder_keeps_its_permissions(way, tmp_path):
    path = tmp_path / "folder"
    write_folder(path, content(1))
    (tmp_path / "plain").mkdir()
    assert path.stat().st_mode == (tmp_path / "plain").stat().st_mode
    path.chmod(0o750)
    write_folder(path, content(2))
    assert stat.S_IMODE(path.stat().st_mode) == 0o750


def test_a_new_folder_is_private_until_it_has_the_old_one_s_permissions(tmp_path, monkeypatch):
    path, modes = tmp_path / "folder", []
    write_folder(path, content(1))

    def look(_, handle):
        modes.append(stat.S_IMODE(os.fstat(handle).st_mode))

    monkeypatch.setattr(files, "keep_permissions", look)
    write_folder(path, content(2))
    assert modes == ([0o700] if files.fcntl else [])


def test_the_new_name_is_on_the_disk_in_the_end(way, tmp_path, monkeypatch):
    write_folder(tmp_path / "folder", content(1))
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    write_folder(tmp_path / "folder", content(2))
    assert synced[-1] == tmp_path.stat().st_ino


@pytest.mark.parametrize("newest", [0, 1])
def test_of_two_that_were_put_aside_the_newer_one_is_put_back(tmp_path, newest):
    path = tmp_path / "folder"
    for number, digit in enumerate("01"):
        aside = tmp_path / f".folder.{digit * 16}{exchange.OLD}"
        aside.mkdir()
        content(number)(aside)
        os.utime(aside, (1, 2 if number == newest else 1))
    with pytest.raises(ZeroDivisionError):
        write_folder(path, lambda _: 1 / 0)
    assert read(path) == f"{newest}"
    assert os.listdir(tmp_path) == ["folder"]


KILL = """
import sys
from pathlib import Path
from salience import exchange
path, renamed, name, count = sys.argv[1:]
def write(folder):
    (folder / "deep").mkdir()
    (folder / "deep" / "file").write_text("2")
if renamed == "renamed":
    exchange._exchanged = lambda *_: False
import shutil
dies(shutil if name == "rmtree" else os, name, int(count))
exchange.write_folder(Path(path), write)
"""


@pytest.mark.parametrize(
    ("how", "name", "count", "left"),
    [
        ("exchanged", "mkdir", 1, "1"),
        ("exchanged", "fsync", 1, "1"),
        ("exchanged", "fsync", 2, "1"),
        ("exchanged", "rmtree", 1, "2"),
        ("renamed", "rename", 1, "1"),
        ("renamed", "rename", 2, None),
        ("renamed", "rename", 3, "2"),
        ("renamed", "rmtree", 1, "2"),
    ],
)
def test_a_process_that_is_killed(tmp_path, how, name, count, left):
    path = tmp_path / "folder"
    write_folder(path, content(1))
    assert killed(KILL, path, how, name, count)
    if left is None:  # between two renames, where the disk cannot exchange
        assert not path.exists()
        with pytest.raises(ZeroDivisionError):
            write_folder(path, lambda _: 1 / 0)
        left = "1"
    assert read(path) == left
    write_folder(path, content(3))
    assert read(path) == "3"
    assert os.listdir(tmp_path) == ["folder"]
