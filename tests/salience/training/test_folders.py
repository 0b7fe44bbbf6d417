"""What a folder was begun with is read, or named; a killed start does not block it."""

import json
import os

import pytest

from salience.errors import WeightsError
from salience.training.folders import PLAN, claim

from ...killed import killed

PLANNED = {"texts": {"seed": 1}, "training": {"rate": 0.1}}


def made(folder):
    return {part: folder / f"{part}.done" for part in PLANNED}


KILL = """
import sys
from pathlib import Path
from salience.training.folders import claim
folder = Path(sys.argv[1])
dies(os, sys.argv[2], 1)
claim(folder, {"texts": {"seed": 1}}, {"texts": folder / "texts.done"})
"""


@pytest.mark.parametrize("point", ["fsync", "replace"])
def test_a_start_that_was_killed_does_not_block(tmp_path, point):
    folder = tmp_path / "new"
    assert killed(KILL, folder, point)
    assert os.listdir(folder) != [PLAN]
    assert claim(folder, PLANNED, made(folder)) == set(PLANNED)
    assert os.listdir(folder) == [PLAN]


def test_nor_does_one_of_a_version_before(tmp_path):
    (tmp_path / ".plan.json.123-139637976").write_text("{")
    assert claim(tmp_path, PLANNED, made(tmp_path)) == set(PLANNED)


def test_what_is_like_a_leftover_of_another_file_is_somebodys(tmp_path):
    (tmp_path / f".diary.{'0' * 16}.part").write_text("dear")
    with pytest.raises(WeightsError, match="expected a new or empty folder"):
        claim(tmp_path, PLANNED, made(tmp_path))


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"5", b"null", b'"plan"', b'{"texts": 5}', b'{"texts": null}',
     b'{"texts": ["seed"]}', b"\xff\xfe\x00", b"\x00" * 99, b"[" * 100_000, b'[["texts", {}]]'],
    ids=lambda content: ascii(content[:20]),
)  # fmt: skip
def test_a_damaged_plan_is_named_and_stays(tmp_path, content):
    claim(tmp_path, PLANNED, made(tmp_path))
    (tmp_path / PLAN).write_bytes(content)
    with pytest.raises(WeightsError, match=r"plan\.json: expected what the folder was begun with"):
        claim(tmp_path, PLANNED, made(tmp_path))
    assert (tmp_path / PLAN).read_bytes() == content


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_plan_that_is_no_file_is_named(tmp_path, kind):
    if kind == "folder":
        (tmp_path / PLAN).mkdir()
    else:
        (tmp_path / PLAN).symlink_to(tmp_path / "nothing")
    with pytest.raises(WeightsError, match=r"plan\.json: expected what"):
        claim(tmp_path, PLANNED, made(tmp_path))


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("dear diary")
    with pytest.raises(WeightsError, match="file: expected a new or empty folder"):
        claim(tmp_path / "file", PLANNED, made(tmp_path))


def test_a_plan_with_parts_of_another_kind_of_work_is_refused(tmp_path):
    (tmp_path / PLAN).write_text(json.dumps({"training": {"pairs": 3}}))
    made(tmp_path)["training"].write_text("")
    with pytest.raises(WeightsError, match="there, rate differs"):
        claim(tmp_path, PLANNED, made(tmp_path))
