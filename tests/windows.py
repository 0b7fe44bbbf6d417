"""Windows' rules about files, enforced on Linux for what a test does.

What is open or mapped into memory can be neither removed nor renamed, nor can
anything take its name; folders cannot be opened; there are no locks of fcntl,
and no permissions but read-only.
"""

import os
from pathlib import Path

import pytest

from salience import files

ABSENT = ("fchmod", "fchown", "posix_fallocate")


def in_use():
    """The files that this process has open or mapped."""
    found = {line.split(maxsplit=5)[5].strip() for line in _maps()}
    for handle in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{handle}"))
        except OSError:
            continue
    return found


def _maps():
    lines = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    return [line for line in lines if len(line.split(maxsplit=5)) == 6]


def refuse_in_use(path):
    """Raise what Windows raises where a file, or one in a folder, is open or mapped."""
    place = os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    held = [each for each in in_use() if each == place or each.startswith(f"{place}/")]
    if held:
        raise PermissionError(13, "[WinError 32] another process has it open", str(path))


def _guarded(call, count):
    def guarded(*given, **named):
        if not named:  # what is named is an open folder, which Windows does not know
            for path in given[:count]:
                refuse_in_use(os.fspath(path))
        return call(*given, **named)

    return guarded


def _open(call):
    def opened(path, *given, **named):
        if named.get("dir_fd") is None and os.path.isdir(path):
            raise PermissionError(13, "[WinError 5] a folder cannot be opened", str(path))
        return call(path, *given, **named)

    return opened


@pytest.fixture
def windows(monkeypatch):
    """Have this process keep Windows' rules."""
    if not Path("/proc/self/maps").exists():
        pytest.skip("what is open is known on Linux")
    for name, count in {"replace": 2, "rename": 2, "unlink": 1, "remove": 1}.items():
        monkeypatch.setattr(os, name, _guarded(getattr(os, name), count))
    monkeypatch.setattr(os, "open", _open(os.open))
    monkeypatch.setattr(files, "fcntl", None)
    monkeypatch.setattr("sys.platform", "win32")
    monkeypatch.setattr("shutil._use_fd_functions", False)
    for name in ABSENT:
        monkeypatch.delattr(os, name, raising=False)
