"""Which control groups a process is in, in folders that stand for a machine's."""

import pytest

from salience.control_groups import groups_of, lines_of

V2 = "29 23 0:26 {root} {point} rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
V1 = "33 32 0:29 {root} {point} rw,nosuid shared:9 - cgroup cgroup rw,{controllers}\n"
OTHERS = "22 28 0:20 / /proc rw - proc proc rw\n28 1 8:1 / / rw - ext4 /dev/sda1 rw\nnonsense\n"


def files_of(folder, groups, mounts, files):
    """Make a machine's files below a folder."""
    own = {"proc/self/cgroup": groups, "proc/self/mountinfo": OTHERS + mounts}
    for name, text in {**own, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def found_in(folder, controller, groups, mounts):
    """The folders below a machine's, and their versions."""
    files_of(folder, groups, mounts, {})
    return [
        (each.relative_to(folder).as_posix(), version)
        for each, version in groups_of(controller, folder)
    ]


@pytest.mark.parametrize("controller", ["cpu", "memory"])
def test_a_group_and_those_above_it(tmp_path, controller):
    mounts = V2.format(root="/", point="/sys/fs/cgroup")
    found = found_in(tmp_path, controller, "0::/a/b\n", mounts)
    assert found == [(f"sys/fs/cgroup{below}", 2) for below in ("/a/b", "/a", "")]


def test_a_controller_has_its_own_groups_in_version_1(tmp_path):
    mounts = "".join(
        V1.format(root="/", point=f"/cg/{of}", controllers=of) for of in ("cpu", "memory")
    )
    groups = "3:cpu,cpuacct:/x\n2:memory:/y\n1:name=systemd:/z\n"
    assert found_in(tmp_path, "cpu", groups, mounts) == [("cg/cpu/x", 1), ("cg/cpu", 1)]
    assert found_in(tmp_path, "memory", groups, mounts) == [("cg/memory/y", 1), ("cg/memory", 1)]
    assert found_in(tmp_path, "io", groups, mounts) == []


def test_a_system_without_any(tmp_path):
    assert list(groups_of("memory", tmp_path)) == []
    assert lines_of(tmp_path) == lines_of(tmp_path / "none") == []
