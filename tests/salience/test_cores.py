"""How many cores there are, in folders that stand for a machine's."""

import os
import sys

import pytest

from salience import cores, threads

from .helpers import run_python
from .test_control_groups import V1, V2, files_of


def machine(folder, groups, mounts, files):
    """The quota that is found among a machine's files."""
    files_of(folder, groups, mounts, files)
    return cores.quota(str(folder))


def v2(root="/", point="/sys/fs/cgroup"):
    return V2.format(root=root, point=point)


def v1(root="/", point="/sys/fs/cgroup/cpu", controllers="cpu,cpuacct"):
    return V1.format(root=root, point=point, controllers=controllers)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("150000 100000\n", 1.5), ("50000 100000\n", 0.5), ("400000 100000\n", 4.0),
        ("20000 10000", 2.0), ("max 100000\n", None), ("", None), ("max", None),
        ("150000\n", None), ("-1 100000\n", None), ("1 0\n", None), ("junk junk\n", None),
    ],
)  # fmt: skip
def test_version_2(tmp_path, text, found):
    assert machine(tmp_path, "0::/\n", v2(), {"sys/fs/cgroup/cpu.max": text}) == found


@pytest.mark.parametrize(
    ("time", "period", "found"),
    [("250000", "100000", 2.5), ("-1", "100000", None), ("", "100000", None), ("50000", "", None)],
)
def test_version_1(tmp_path, time, period, found):
    below = "sys/fs/cgroup/cpu/cpu.cfs_"
    files = {f"{below}quota_us": f"{time}\n", f"{below}period_us": f"{period}\n"}
    groups = "12:memory:/\n4:cpu,cpuacct:/\n1:name=systemd:/\n0::/\n"
    assert machine(tmp_path, groups, v1(), files) == found


def test_the_group_of_cpusets_is_none_of_time(tmp_path):
    below = "sys/fs/cgroup/cpu/a/cpu.cfs_"
    files = {f"{below}quota_us": "250000\n", f"{below}period_us": "100000\n"}
    assert machine(tmp_path, "4:cpu,cpuacct:/a\n3:cpuset:/b\n", v1(), files) == 2.5


def test_the_smallest_of_a_group_and_those_above_counts(tmp_path):
    top = "sys/fs/cgroup/"
    files = {
        f"{top}a/b/c/cpu.max": "max 100000", f"{top}a/b/cpu.max": "300000 100000",
        f"{top}a/cpu.max": "200000 100000", f"{top}a/b/c/d/cpu.max": "100000 100000",
        f"{top}other/cpu.max": "100000 100000",
    }  # fmt: skip
    assert machine(tmp_path, "0::/a/b/c\n", v2(), files) == 2.0


@pytest.mark.parametrize(
    ("group", "root"),
    [("/docker/1", "/docker/1"), ("/", "/"), ("/", "/docker/1"), ("/../other", "/"),
     ("/pod/2", "/docker/1"), ("/..", "/..")],
)  # fmt: skip
def test_a_container_sees_its_own_group_where_it_is_mounted(tmp_path, group, root):
    """Without a namespace of its own it is told the host's path, which is not to be seen."""
    files = {"sys/fs/cgroup/cpu.max": "100000 100000", "other/cpu.max": "10 100000"}
    assert machine(tmp_path, f"0::{group}\n", v2(root), files) == 1.0


def test_a_group_below_what_is_mounted(tmp_path):
    files = {"sys/fs/cgroup/inner/cpu.max": "100000 100000"}
    assert machine(tmp_path, "0::/docker/1/inner\n", v2("/docker/1"), files) == 1.0


def test_it_may_be_mounted_anywhere(tmp_path):
    files = {"mnt/my groups/x/cpu.max": "100000 100000"}
    assert machine(tmp_path, "0::/x\n", v2(point=r"/mnt/my\040groups"), files) == 1.0


def test_both_versions_at_once(tmp_path):
    files = {
        "sys/fs/cgroup/cpu/x/cpu.cfs_quota_us": "300000",
        "sys/fs/cgroup/cpu/x/cpu.cfs_period_us": "100000",
        "sys/fs/cgroup/unified/y/cpu.max": "max 100000",
        "sys/fs/cgroup/cpuset/x/cpu.cfs_quota_us": "1000",
        "sys/fs/cgroup/cpuset/x/cpu.cfs_period_us": "100000",
    }
    mounts = v2(point="/sys/fs/cgroup/unified") + v1()
    mounts += v1(point="/sys/fs/cgroup/cpuset", controllers="cpuset")
    assert machine(tmp_path, "3:cpuset:/x\n2:cpu,cpuacct:/x\n0::/y\n", mounts, files) == 3.0


def test_files_that_cannot_be_read_say_nothing(tmp_path):
    assert cores.quota(str(tmp_path / "no proc")) is None
    (tmp_path / "sys/fs/cgroup/cpu.max").mkdir(parents=True)
    assert machine(tmp_path, "0::/\n\n:\nx\n", v2() + " - \n", {}) is None


@pytest.mark.parametrize(
    ("quota", "allowed", "found"),
    [(None, 8, (8, False)), (1.5, 8, (2, True)), (0.1, 8, (1, True)), (4.0, 8, (4, True)),
     (8.0, 8, (8, False)), (7.2, 8, (8, False)), (16.0, 8, (8, False)), (0.5, 1, (1, False))],
)  # fmt: skip
def test_the_smaller_of_both_counts_and_a_part_of_a_core_is_one(monkeypatch, quota, allowed, found):
    monkeypatch.setattr(cores, "quota", lambda: quota)
    monkeypatch.setattr(cores, "allowed", lambda: allowed)
    assert cores.usable() == found


def test_threads_are_as_many_and_say_why(monkeypatch, fresh_threads):
    monkeypatch.setattr(cores, "allowed", lambda: 8)
    for quota, count, why in ((None, 8, "usable cores"), (2.5, 3, "CPU quota (cgroup)")):
        monkeypatch.setattr(cores, "quota", lambda quota=quota: quota)
        assert (threads.get_num_threads(), threads.decided_by()) == (count, why)
    monkeypatch.setenv(threads.ENVIRONMENT_VARIABLE, "7")
    assert (threads.get_num_threads(), threads.decided_by()) == (7, threads.ENVIRONMENT_VARIABLE)
    threads.set_num_threads(5)
    assert (threads.get_num_threads(), threads.decided_by()) == (5, "set_num_threads")
    with threads.limited_to(2):
        assert (threads.get_num_threads(), threads.decided_by()) == (2, "num_threads")


def test_the_files_are_read_once(tmp_path):
    assert machine(tmp_path, "0::/\n", v2(), {"sys/fs/cgroup/cpu.max": "100000 100000"}) == 1.0
    (tmp_path / "sys/fs/cgroup/cpu.max").unlink()
    assert cores.quota(str(tmp_path)) == 1.0


@pytest.mark.skipif(sys.platform != "linux", reason="needs Linux's affinity")
def test_a_process_that_is_let_run_on_one_core_has_one():
    script = "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
    script += "from salience import cores; print(cores.allowed())"
    assert run_python(script, PYTHON_CPU_COUNT="default") == "1"


@pytest.mark.skipif(hasattr(os, "process_cpu_count"), reason="Python 3.13 has it")
def test_python_3_13_says_itself_how_many(monkeypatch):
    monkeypatch.setattr(os, "process_cpu_count", lambda: 3, raising=False)
    assert cores.allowed() == 3
