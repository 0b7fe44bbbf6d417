"""Cached kernels are code: whose folders and files are believed."""

import grp
import os
import pwd
from types import SimpleNamespace

import pytest

from salience.cpu.kernel_cache import trust as kernel_trust
from salience.cpu.kernel_cache.trust import why_not

pytestmark = pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows has no such rights")

FOLDER, FILE = 0o040000, 0o100000
ME, SOMEBODY = 1000, 1001


@pytest.fixture(autouse=True)
def me(monkeypatch, tmp_path):
    """An ordinary user with a group of the same name, and a package of root's."""
    assert tmp_path  # pytest asks who it is before that is changed
    monkeypatch.setattr(os, "geteuid", lambda: ME)
    monkeypatch.setattr(kernel_trust, "_owner", lambda: 0)
    monkeypatch.setattr(kernel_trust._State, "told", False)
    user = SimpleNamespace(pw_name="me", pw_gid=ME)
    monkeypatch.setattr(pwd, "getpwuid", {ME: user}.__getitem__)
    monkeypatch.setattr(grp, "getgrgid", groups([]).__getitem__)


def groups(members):
    return {
        ME: SimpleNamespace(gr_gid=ME, gr_name="me", gr_mem=members),
        50: SimpleNamespace(gr_gid=50, gr_name="staff", gr_mem=[]),
    }


def state(mode, user=ME, group=50):
    return os.stat_result((mode, 0, 0, 1, user, group, 0, 0, 0, 0))


@pytest.mark.parametrize("kind", [FOLDER, FILE])
@pytest.mark.parametrize("user", [0, ME])
@pytest.mark.parametrize("mode", [0o755, 0o700, 0o644, 0o555])
def test_ours_and_root_s_are_trusted(kind, user, mode):
    assert why_not(state(kind | mode, user)) is None


@pytest.mark.parametrize("kind", [FOLDER, FILE])
@pytest.mark.parametrize("user", [0, ME])
@pytest.mark.parametrize(
    ("mode", "text"),
    [(0o777, "every user"), (0o757, "every user"), (0o775, "a group of users"), (0o664, "a group")],
)
def test_what_others_may_write_is_not(kind, user, mode, text):
    assert why_not(state(kind | mode, user)).startswith(f"can be written by {text}")


@pytest.mark.parametrize("mode", [0o755, 0o700, FOLDER | 0o1777])
def test_what_is_another_user_s_is_not(mode):
    assert why_not(state(mode, SOMEBODY)) == f"belongs to another user (uid {SOMEBODY})"


def test_in_a_folder_like_tmp_only_files_count():
    assert why_not(state(FOLDER | 0o1777, 0)) is None
    assert why_not(state(FILE | 0o1666, 0)) is not None


def test_the_package_s_owner_could_change_the_package_too(monkeypatch):
    monkeypatch.setattr(kernel_trust, "_owner", lambda: SOMEBODY)
    assert why_not(state(FOLDER | 0o755, SOMEBODY)) is None
    assert why_not(state(FOLDER | 0o777, SOMEBODY)) is not None


@pytest.mark.parametrize(
    ("members", "trusted"), [([], True), (["me"], True), (["me", "her"], False), (["her"], False)]
)
def test_a_group_of_one_user_is_that_user(monkeypatch, members, trusted):
    """Many systems give each user a group, and a umask of 002."""
    monkeypatch.setattr(grp, "getgrgid", groups(members).__getitem__)
    assert (why_not(state(FOLDER | 0o775, ME, ME)) is None) == trusted
    assert why_not(state(FOLDER | 0o777, ME, ME)) is not None


def test_a_user_or_group_without_a_name_is_nobody_we_know(monkeypatch):
    for module, name in ((pwd, "getpwuid"), (grp, "getgrgid")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, {}.__getitem__)
            assert why_not(state(FOLDER | 0o775, ME, ME)) is not None


def test_root_is_in_no_group_of_its_own(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    root = SimpleNamespace(pw_name="root", pw_gid=0)
    monkeypatch.setattr(pwd, "getpwuid", {0: root}.__getitem__)
    group = SimpleNamespace(gr_gid=0, gr_name="root", gr_mem=[])
    monkeypatch.setattr(grp, "getgrgid", {0: group}.__getitem__)
    assert why_not(state(FOLDER | 0o775, 0, 0)) is not None


def test_a_first_group_of_many_users_is_not_one_user_s(monkeypatch):
    """Who has it as their first group is not among its members: nothing but its name tells."""
    user = SimpleNamespace(pw_name="me", pw_gid=50)
    monkeypatch.setattr(pwd, "getpwuid", {ME: user}.__getitem__)
    assert why_not(state(FOLDER | 0o775, ME, 50)) is not None


def test_where_there_are_no_such_rights_all_is_trusted(monkeypatch):
    monkeypatch.delattr(os, "geteuid")
    assert why_not(state(FOLDER | 0o777, SOMEBODY)) is None


def test_a_refusal_names_the_folder_and_is_said_once(tmp_path, monkeypatch, caplog):
    monkeypatch.undo()
    monkeypatch.setattr(kernel_trust._State, "told", False)
    tmp_path.chmod(0o777)
    for _ in range(2):
        with pytest.raises(kernel_trust.UntrustedError, match=str(tmp_path)):
            kernel_trust.require(str(tmp_path))
    (said,) = [record.getMessage() for record in caplog.records]
    assert f"those in {tmp_path} are not loaded, as it can be written by every user" in said
    kernel_trust.require(str(tmp_path / "missing"))
