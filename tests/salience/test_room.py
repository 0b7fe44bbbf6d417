"""What is said of the memory that is free."""

import os

import pytest

from salience import room


@pytest.fixture
def system(tmp_path, monkeypatch):
    """Files in the place of the system's."""
    monkeypatch.setattr(room, "_SYSTEM", tmp_path / "meminfo")
    monkeypatch.setattr(room, "_GROUPS", (tmp_path / "max", tmp_path / "limit"))
    return tmp_path


def test_here_it_is_less_than_the_machine_has():
    if not hasattr(os, "sysconf"):
        assert room.free() is None
        return
    assert 0 < room.free() < 2**50


def test_it_is_what_is_available_and_the_swap(system):
    (system / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  5 kB\nSwapFree: 2 kB\nOdd\n")
    assert room.free() == 7 * 1024
    (system / "max").write_text("max\n")
    assert room.free() == 7 * 1024


@pytest.mark.parametrize("name", ["max", "limit"])
def test_a_container_may_have_less(system, name):
    (system / "meminfo").write_text("MemAvailable: 5 kB\nSwapFree: 2 kB\n")
    (system / name).write_text("3000\n")
    assert room.free() == 3000


def test_without_what_linux_says_it_is_the_machines(system, monkeypatch):
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 3, "SC_PAGE_SIZE": 10}.__getitem__)
    assert room.free() == 30
    (system / "meminfo").write_text("MemAvailable: many\n")
    assert room.free() == 30


def test_a_system_that_says_nothing(system, monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert room.free() is None
