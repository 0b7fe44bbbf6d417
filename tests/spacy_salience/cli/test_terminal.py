"""What commands write to: terminals of few characters, closed pipes, nothing; in processes."""

import os
import struct
import subprocess
import sys
from contextlib import suppress

import pytest

from .conftest import written

fcntl = pytest.importorskip("fcntl", reason="streams as of POSIX")
termios = pytest.importorskip("termios", reason="streams as of POSIX")

SALIENCE = [sys.executable, "-c", "from spacy_salience.cli import app; app()"]
OF_SPACY = [sys.executable, "-m", "spacy", "salience"]
TEXT = "今天下雨 café\n\n\u2615 the dog was warm\n"
FEW = [
    {"PYTHONIOENCODING": "cp1252"},
    {"PYTHONIOENCODING": "ascii"},
    {"LC_ALL": "C"},
    {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""},
]


def run(arguments, start=SALIENCE, env=(), **options):
    return subprocess.run(
        [*start, *map(str, arguments)],
        env={**os.environ, **dict(env)}, timeout=240, stdin=subprocess.DEVNULL,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options},
    )  # fmt: skip


@pytest.fixture
def text(tmp_path):
    return written(tmp_path / "天.txt", TEXT)


@pytest.fixture
def long_text(tmp_path):
    """More than fits into the buffers of a pipe."""
    return written(tmp_path / "long.txt", "the cat sat on the warm mat\n\n" * 3000)


@pytest.mark.parametrize("env", FEW, ids=str)
def test_what_an_encoding_lacks_is_written_as_an_escape(text, model_file, env):
    done = run(["show", text, "--model", model_file], env=env)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1].startswith(b"2 documents, ")
    assert b"\\u4eca" in lines[0] or "今".encode() in lines[0]
    assert len(lines) == 3
    assert done.stderr == b""


def test_spacys_command_line_is_as_safe(text, model_file):
    done = run(["show", text, "--model", model_file], OF_SPACY, FEW[1])
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"\\u4eca" in done.stdout


def test_marks_and_errors_are_written_too(text, model_file):
    done = run(["show", TEXT, "--model", model_file], env=FEW[1])
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"caf\\xe9" in done.stdout
    done = run(["show", text.with_name("雨.txt")], env=FEW[1])
    assert done.returncode == 1
    assert b"\\u96e8.txt: expected a UTF-8 text file" in done.stderr
    for arguments in (["show", "--help"], ["show"]):
        assert b"Traceback" not in run(arguments, env=FEW[1]).stderr


def test_progress_on_a_terminal_of_few_characters(model_file, tmp_path):
    keys = written(tmp_path / "keys.jsonl", '{"text": "A warm cat", "keys": ["warm cat"]}\n')
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 400, 0, 0))
    arguments = ["evaluate", f"keyphrases={keys}", "--model", model_file]
    done = run(arguments, env=FEW[0], stderr=theirs)
    os.close(theirs)
    shown = b""
    with suppress(OSError), open(ours, "rb", buffering=0) as terminal:  # an error is its end
        while some := terminal.read(1000):
            shown += some
    assert done.returncode == 0, shown
    assert b"100%" in shown
    assert b"Traceback" not in shown


@pytest.mark.parametrize(
    ("start", "unbuffered", "processes"),
    [(SALIENCE, "1", 1), (SALIENCE, "", 1), (OF_SPACY, "", 1), (SALIENCE, "", 2)],
    ids=["unbuffered", "buffered", "spacy", "processes"],
)
def test_a_reader_that_has_gone_ends_it_quietly(
    long_text, model_file, start, unbuffered, processes
):
    env = {"PYTHONUNBUFFERED": unbuffered}
    arguments = ["show", long_text, "--model", model_file, "--processes", processes]
    process = subprocess.Popen(
        [*start, *map(str, arguments)], env={**os.environ, **env}, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout.readline().startswith(b"1\tvectors [7, 16]")
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait(timeout=120) == 141


@pytest.mark.parametrize(
    ("arguments", "unbuffered"), [(["info"], ""), (["info"], "1"), (["show", "--help"], "")]
)
def test_nobody_reads_at_all(arguments, unbuffered):
    reading, writing = os.pipe()
    os.close(reading)
    done = run(arguments, env={"PYTHONUNBUFFERED": unbuffered}, stdout=writing)
    os.close(writing)
    assert done.returncode in (1, 141)  # 1 where rich writes, which ends by itself
    assert done.stderr == b""


def test_nobody_hears_an_error(tmp_path):
    reading, writing = os.pipe()
    os.close(reading)
    assert run(["show", tmp_path / "none.txt"], stderr=writing).returncode == 1
    os.close(writing)


@pytest.mark.parametrize(
    ("arguments", "closed", "status"),
    [
        (["show", "FILE"], ">&-", 0),
        (["show", "a text of mine"], ">&-", 0),
        (["show", "none.txt"], ">&- 2>&-", 1),
        (["--help"], ">&-", 0),
        (["show", "-"], "<&-", 1),
    ],
    ids=str,
)
def test_closed_streams(text, model_file, arguments, closed, status):
    given = [str(text) if each == "FILE" else each for each in arguments]
    given += ["--model", str(model_file)] * ("show" in given)
    done = run([], ["sh", "-c", f'exec "$@" {closed}', "sh", *SALIENCE, *given])
    assert done.returncode == status, done.stderr
    assert done.stdout == b""
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="of Linux")
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_is_an_error(unbuffered):
    with open("/dev/full", "wb") as full:
        done = run(["info"], env={"PYTHONUNBUFFERED": unbuffered}, stdout=full)
    assert done.returncode == 1
    assert done.stderr.startswith(b"salience: ")
    assert done.stderr.count(b"\n") == 1
