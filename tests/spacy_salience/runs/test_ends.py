"""A command that is killed or interrupted, and goes on: nothing is missing, nothing there twice."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from salience.files import UNFINISHED

from .conftest import table, written

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="signals as of POSIX"),
    pytest.mark.timeout(240),
]

IDS = [f"n{number}" for number in range(400)]


@pytest.fixture
def start(tmp_path, model_file):
    """Start `salience run` of 400 texts in 40 chunks, in a process group of its own."""
    rows = [{"id": name, "text": "the cat sat on the mat " * 20} for name in IDS]
    path = written(tmp_path / "a.jsonl", rows)
    command = [
        sys.executable, "-c", "from spacy_salience.cli import app; app()", "run", path,
        "--out", tmp_path / "out", "--pipeline", model_file, "--form", "jsonl", "--jobs", "2",
        "--chunk-size", "10",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}

    def start():
        return subprocess.Popen(
            list(map(str, command)), env=environment, start_new_session=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    return start


def has_begun(out, process):
    deadline = time.monotonic() + 60
    while not list(out.glob("chunk-*")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)


def is_whole(out):
    assert [row["id"] for row in table(out, "jsonl")] == IDS
    names = {path.name for path in out.iterdir()}
    assert not [name for name in names if name.endswith(UNFINISHED)]
    return len(names) == 42  # with the manifest and the log


def test_a_command_that_is_killed_loses_nothing(start, tmp_path):
    out, chance = tmp_path / "out", random.Random(0)
    for _ in range(2):
        process = start()
        has_begun(out, process)
        time.sleep(chance.uniform(0, 0.3))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    process = start()
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    assert output.startswith("400 documents, 40 result files")
    assert is_whole(out)


@pytest.mark.parametrize("presses", [1, 2])
def test_ctrl_c_ends_after_what_is_in_hand_or_at_once(start, tmp_path, presses):
    out = tmp_path / "out"
    process = start()
    has_begun(out, process)
    for _ in range(presses):
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, workers too
        time.sleep(0.05)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    if presses == 1:
        assert not errors
        assert "the same command goes on from there" in output
    done = table(out, "jsonl")
    assert [row["id"] for row in done] == [name for name in IDS if name in {r["id"] for r in done}]
    assert 0 < len(done) < 400
    assert "ended" in (out / "run.log").read_text().splitlines()[-1]
