"""A file is written whole or not at all, under a name that nobody knows before."""

import multiprocessing
import os
import resource
import stat
import threading
from pathlib import Path

import pytest

from salience import files
from salience.files import is_leftover, name_beside, write_whole

from ..killed import killed

posix = pytest.mark.skipif(os.name == "nt", reason="permissions and locks as of POSIX")


def put(path, content=b"new"):
    write_whole(path, lambda file: file.write(content))


def names(folder):
    return sorted(os.listdir(folder))


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"old")
    return path


WRITE = """
import sys
from pathlib import Path
from salience import files
dies(os, sys.argv[2], int(sys.argv[3]))
files.write_whole(Path(sys.argv[1]), lambda file: [file.write(b"new" * 9999) for _ in range(9)])
"""
POINTS = [("open", 1), ("fsync", 1), ("replace", 1), ("fsync", 2)]


@pytest.mark.parametrize(("point", "count"), POINTS)
def test_a_process_that_is_killed_leaves_the_old_or_the_new(path, point, count):
    assert killed(WRITE, path, point, count)
    assert path.read_bytes() == (b"new" * 9999 * 9 if (point, count) == POINTS[-1] else b"old")
    put(path, b"newest")
    assert path.read_bytes() == b"newest"
    assert names(path.parent) == ["file"]


def test_file_and_folder_are_on_the_disk_in_that_order(path, monkeypatch):
    done = []
    sync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append(kind(handle)), sync(handle)))
    monkeypatch.setattr(os, "replace", lambda *both: (done.append("replace"), replace(*both)))

    def kind(handle):
        return "folder" if stat.S_ISDIR(os.fstat(handle).st_mode) else "file"

    put(path)
    assert done == ["file", "replace", "folder"]


@posix
def test_a_full_disk_leaves_the_old_file_and_names_it(path):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OSError, match="file"):
            put(path, b"x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"old"
    assert names(path.parent) == ["file"]


def test_names_cannot_be_guessed(path):
    assert len({name_beside(path) for _ in range(100)}) == 100


@pytest.mark.parametrize("planted", ["link", "file", "folder"])
def test_what_has_the_name_already_is_left_alone(path, tmp_path, monkeypatch, planted):
    """Even if somebody guessed it."""
    victim, guessed = tmp_path / "victim", iter(["a" * 16, "b" * 16])
    victim.write_bytes(b"precious")
    plant = tmp_path / f".file.{'a' * 16}.part"
    if planted == "link":
        plant.symlink_to(victim)
    else:
        plant.mkdir() if planted == "folder" else plant.write_bytes(b"precious")
    monkeypatch.setattr(files, "remove_leftovers", lambda _: None)
    monkeypatch.setattr(files.secrets, "token_hex", lambda _: next(guessed))
    put(path)
    assert victim.read_bytes() == b"precious"
    assert path.read_bytes() == b"new"
    assert plant.name in names(tmp_path)


def test_names_of_before_that_are_planted_lead_nowhere(path, tmp_path):
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / f".file.{os.getpid()}-{threading.get_ident()}").symlink_to(victim)
    put(path)
    assert victim.read_bytes() == b"precious"


def test_a_link_gives_way_and_is_not_followed(tmp_path):
    victim, link = tmp_path / "victim", tmp_path / "file"
    victim.write_bytes(b"precious")
    link.symlink_to(victim)
    put(link)
    assert victim.read_bytes() == b"precious"
    assert not link.is_symlink()
    assert link.read_bytes() == b"new"


@posix
@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_a_new_file_has_the_permissions_that_open_gives(tmp_path, umask):
    before = os.umask(umask)
    try:
        put(tmp_path / "new")
        (tmp_path / "plain").write_bytes(b"")
    finally:
        os.umask(before)
    assert (tmp_path / "new").stat().st_mode == (tmp_path / "plain").stat().st_mode


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o444])
def test_a_file_keeps_its_permissions_and_is_never_less_private(path, mode):
    path.chmod(mode)
    seen = []

    def write(file):
        seen.append(stat.S_IMODE(os.fstat(file.fileno()).st_mode))
        file.write(b"new")

    write_whole(path, write)
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert seen == [0o600]


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="gives files away")
def test_a_file_keeps_its_owner_and_group(path):
    os.chown(path, 12, 34)
    path.chmod(0o640)
    put(path)
    found = path.stat()
    assert (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == (12, 34, 0o640)


def test_a_device_is_written_to_and_stays_one():
    put(Path(os.devnull))
    assert not Path(os.devnull).is_file()


@posix
def test_a_pipe_is_written_to(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = threading.Thread(target=lambda: found.append((tmp_path / "pipe").read_bytes()))
    found = []
    reader.start()
    put(tmp_path / "pipe", b"through")
    reader.join(10)
    assert found == [b"through"]
    assert names(tmp_path) == ["pipe"]


@posix
def test_a_leftover_is_removed_and_what_is_being_written_is_not(path, tmp_path):
    left = tmp_path / f".file.{'0' * 16}.part"
    left.write_bytes(b"half")
    others = [tmp_path / f".fil.{'0' * 16}.part", tmp_path / f".file.{'0' * 15}.part"]
    for other in others:
        other.write_bytes(b"somebody's")

    def write(file):
        assert not left.exists()
        put(path, b"meanwhile")
        file.write(b"new")

    write_whole(path, write)
    assert path.read_bytes() == b"new"
    assert names(tmp_path) == sorted(["file", *(other.name for other in others)])


@posix
def test_a_link_that_looks_like_a_leftover_leads_nowhere(path, tmp_path):
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_bytes(b"")
    (tmp_path / f".file.{'0' * 16}.part").symlink_to(victim)
    put(path)
    assert names(victim) == ["precious"]


@posix
def test_a_pipe_that_looks_like_a_leftover_holds_nobody_up(path, tmp_path):
    left = tmp_path / f".file.{'0' * 16}.part"
    os.mkfifo(left)
    writer = threading.Thread(target=put, args=(path,), daemon=True)
    writer.start()
    writer.join(10)
    assert not writer.is_alive()
    assert path.read_bytes() == b"new"


@posix
def test_what_was_removed_meanwhile_cannot_be_claimed(path):
    handle = os.open(path, os.O_RDONLY)
    try:
        assert files.claim(handle)
        path.unlink()
        assert not files.claim(handle)
    finally:
        os.close(handle)


@posix
def test_what_was_for_a_group_that_we_cannot_give_is_for_no_other(path, monkeypatch):
    def refuses(*_):
        raise PermissionError

    found = path.stat()
    theirs = (stat.S_IFREG | 0o664, 0, 0, 1, found.st_uid, found.st_gid + 1, 0, 0, 0, 0)
    monkeypatch.setattr(os, "lstat", lambda _: os.stat_result(theirs))
    monkeypatch.setattr(os, "fchown", refuses)
    handle = os.open(path, os.O_RDONLY)
    try:
        files.keep_permissions(path, handle)
        assert stat.S_IMODE(os.fstat(handle).st_mode) == 0o604
    finally:
        os.close(handle)


def test_without_locks_only_what_is_old_is_removed(path, tmp_path, monkeypatch):
    monkeypatch.setattr(files, "fcntl", None)
    old, new = (tmp_path / f".file.{digit * 16}.part" for digit in "01")
    for each in (old, new):
        each.write_bytes(b"half")
    os.utime(old, (1, 1))
    put(path)
    assert names(tmp_path) == [new.name, "file"]


def write_often(path):
    for number in range(40):
        put(path, bytes([65 + number % 26]) * 100_000)


@posix
def test_many_processes_may_write_one_file(path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_often, args=(path,)) for _ in range(3)]
    for process in processes:
        process.start()
    while any(process.is_alive() for process in processes):
        assert len(set(path.read_bytes())) in (1, 3)  # "old", then one letter
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert names(path.parent) == ["file"]


def test_long_and_odd_names(tmp_path):
    for name in ("x" * 255, "[a].*", "\u732b" * 80, "a b", "-"):
        put(tmp_path / name)
        assert is_leftover(name_beside(tmp_path / name).name, tmp_path / name)
    assert len(names(tmp_path)) == 5
