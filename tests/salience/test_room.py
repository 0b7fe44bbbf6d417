"""What is said of the memory that is free, in folders that stand for a machine's."""

import os

import pytest

from salience import room

from .test_control_groups import V1, V2, files_of

PLENTY = "MemTotal: 9 kB\nMemAvailable:  5 kB\nSwapFree: 2 kB\nOdd\n"
MEMORY_1 = V1.format(root="/", point="/sys/fs/cgroup/memory", controllers="memory")
MEMORY_2 = V2.format(root="/", point="/sys/fs/cgroup")


def machine(folder, groups="0::/\n", mounts=MEMORY_2, files=(), meminfo=PLENTY):
    """What is free where these are a machine's files."""
    files_of(folder, groups, mounts, {"proc/meminfo": meminfo, **dict(files)})
    return room.free(str(folder))


def test_here_it_is_less_than_the_machine_has():
    if not hasattr(os, "sysconf"):
        assert room.free() is None
        return
    assert 0 < room.free() < 2**50


@pytest.mark.parametrize("limit", ["max\n", "", "many", "8000"])
def test_it_is_what_is_available_and_the_swap(tmp_path, limit):
    assert machine(tmp_path, files={"sys/fs/cgroup/memory.max": limit}) == 7 * 1024


@pytest.mark.parametrize(
    ("groups", "mounts", "name"),
    [
        ("0::/\n", MEMORY_2, "memory.max"),
        ("9:memory:/\n", MEMORY_1, "memory/memory.limit_in_bytes"),
        ("9:cpu:/x\n8:memory:/\n0::/y\n", MEMORY_1 + MEMORY_2, "memory/memory.limit_in_bytes"),
    ],
)
def test_a_container_may_have_less(tmp_path, groups, mounts, name):
    assert machine(tmp_path, groups, mounts, {f"sys/fs/cgroup/{name}": "3000\n"}) == 3000


@pytest.mark.parametrize(
    ("groups", "mounts", "top", "name"),
    [
        ("0::/system.slice/job/step\n", MEMORY_2, "", "memory.max"),
        ("9:memory:/system.slice/job/step\n", MEMORY_1, "memory/", "memory.limit_in_bytes"),
    ],
)
@pytest.mark.parametrize("group", ["system.slice", "system.slice/job", "system.slice/job/step"])
def test_the_smallest_of_the_process_s_own_group_and_those_above_counts(
    tmp_path, groups, mounts, top, name, group
):
    top = f"sys/fs/cgroup/{top}"
    files = {f"{top}{group}/{name}": "2000", f"{top}{name}": "4000", f"{top}other/{name}": "1000"}
    assert machine(tmp_path, groups, mounts, files) == 2000


def test_the_limits_of_other_controllers_groups_are_none_of_memory(tmp_path):
    groups = "9:memory:/a\n8:cpu,cpuacct:/b\n"
    top = "sys/fs/cgroup/memory"
    files = {f"{top}/a/memory.limit_in_bytes": "3000", f"{top}/b/memory.limit_in_bytes": "10"}
    assert machine(tmp_path, groups, MEMORY_1, files) == 3000


@pytest.mark.parametrize("meminfo", ["", "MemAvailable: many\n", "MemAvailable:\nSwapFree: 1 kB\n"])
def test_without_what_linux_says_it_is_the_machines(tmp_path, monkeypatch, meminfo):
    sizes = {"SC_PHYS_PAGES": 3, "SC_PAGE_SIZE": 10}
    monkeypatch.setattr(os, "sysconf", sizes.__getitem__, raising=False)
    if not meminfo:
        assert room.free(str(tmp_path / "no proc")) == 30
    assert machine(tmp_path, meminfo=meminfo) == 30


def test_a_system_that_says_nothing(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sysconf")
    assert room.free(str(tmp_path)) is None
