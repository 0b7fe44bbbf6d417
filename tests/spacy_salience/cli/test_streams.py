"""Nothing that a name, a header, a message or a warning holds acts on a terminal."""

import io
import os
import subprocess
import sys
import warnings

import pytest

from salience.errors import RangeError
from spacy_salience.cli import app, streams, terminal
from spacy_salience.pictures.labels import harmless

from .conftest import written

ACTING = "\x1b[31mred\x1b]0;title\x07\x1b[2J\x9b1m\u202eback\x7f"
BAD = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(14, 32)), *map(chr, range(127, 160)),
       "\u202a", "\u202e", "\u2066", "\u2069", "\u2028"]  # fmt: skip

CALL = "import sys\nfrom spacy_salience.cli import app\nsys.argv[0] = 'salience'\napp()"


@pytest.fixture(autouse=True)
def as_before(monkeypatch):
    """Streams and warnings of this process, which a command changes for good."""
    for name in streams._COLOURFUL:
        monkeypatch.delenv(name, raising=False)
    for module, name in ((sys, "stdout"), (sys, "stderr"), (warnings, "formatwarning")):
        monkeypatch.setattr(module, name, getattr(module, name))


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(arguments, monkeypatch, stream=io.StringIO):
    """What a command writes, called in this process, to both of its streams."""
    monkeypatch.setattr(sys, "stdout", stream())
    monkeypatch.setattr(sys, "stderr", stream())
    with pytest.raises(SystemExit) as end:
        app([str(each) for each in arguments], prog_name="salience")
    return sys.stdout.getvalue(), sys.stderr.getvalue(), end.value.code


def check(text):
    assert not [letter for letter in BAD if letter in text]
    return text


USES = [
    ["cmd" + ACTING],
    ["show", "--opt" + ACTING],
    ["show", "a", "b" + ACTING],
    ["show", "a", "--format", ACTING],
    ["show", "a", "--top", ACTING],
    ["show", "none" + ACTING + "\n.txt"],
    ["show", "a text", "--model", "none" + ACTING],
    ["show", "a text", "--model", "none" + ACTING + ".safetensors"],
    ["show", "a text", "--lang", "x" + ACTING],
    ["evaluate", "sts=none" + ACTING + ".tsv"],
    ["evaluate", "task" + ACTING + "=none.tsv"],
    ["evaluate", "sts=none.tsv", "--peer", "peer" + ACTING],
    ["finetune", "none" + ACTING + ".tsv", "--out", "OUT"],
    ["distil", "none" + ACTING + ".txt", "--teacher", "t" + ACTING, "--out", "OUT"],
]


@pytest.mark.parametrize("stream", [io.StringIO, Terminal])
@pytest.mark.parametrize("arguments", USES, ids=lambda uses: f"{uses[0][:8]}-{uses[1:2]}"[:30])
def test_a_wrong_use_shows_what_it_says(arguments, stream, monkeypatch, tmp_path):
    given = [str(tmp_path / "out") if each == "OUT" else each for each in arguments]
    out, err, status = shown(given, monkeypatch, stream)
    assert (out, status) == ("", 2 if "Error" in err else 1)
    if stream is io.StringIO:
        check(err)
    else:  # where typer's box has colours of its own, and nothing else
        assert "red" not in err or "\x1b[31mred" not in err
        check(streams.re.sub("\x1b\\[[0-9;]*m", "", err))
    assert "Traceback" not in err
    if "Error" not in err:
        assert err.count("\n") == 1


@pytest.mark.parametrize("task", ["sts", "classify"])
def test_headers_of_a_table(task, monkeypatch, tmp_path):
    table = written(tmp_path / "table.tsv", f"a{ACTING}\tb{ACTING}\nx\ty\n")
    for arguments in (["evaluate", f"{task}={table}"], ["show", table, "--field", "c" + ACTING]):
        _, err, status = shown(arguments, monkeypatch)
        assert status == 1
        assert "red" in check(err)


@pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not have")
def test_a_files_name_in_a_table_of_figures(model_file, monkeypatch, tmp_path):
    rows = "sentence1\tsentence2\tscore\na cat\ta dog\t1\na mat\ta house\t0\n"
    table = written(tmp_path / ("pairs\n" + ACTING.replace("\0", "") + ".tsv"), rows)
    out, err, status = shown(["evaluate", f"sts={table}", "--model", model_file], monkeypatch)
    assert (status, err) == (0, "")
    assert len(check(out).splitlines()) == 2
    assert "pairs\u240a\u241b[31mred" in out


def test_json_is_exact(model_file, monkeypatch, tmp_path):
    import json

    rows = "sentence1\tsentence2\tscore\na cat\ta dog\t1\na mat\ta house\t0\n"
    table = written(tmp_path / "pairs\u202e\x1b[31m.tsv", rows)
    arguments = ["evaluate", f"sts={table}", "--model", model_file, "--json", "-"]
    out, _, _ = shown(arguments, monkeypatch)
    assert json.loads(check(out))["figures"][0]["files"] == [str(table)]


def test_info_of_folders(monkeypatch):
    monkeypatch.setattr("spacy_salience.cli.info.threads", lambda: {"count": 1, "from": ACTING})
    out, _, status = shown(["info"], monkeypatch)
    assert status == 0
    assert "red" in check(out)


def test_warnings_are_lines_without_controls(monkeypatch):
    for stream in (io.StringIO, Terminal):
        monkeypatch.setattr(sys, "stderr", stream())
        streams.prepare()
        # What Python's own warnings.showwarning does, which pytest stands in for.
        message = UserWarning(f"a model {ACTING}\nof two lines")
        sys.stderr.write(warnings.formatwarning(message, UserWarning, ACTING, 3))
        text = sys.stderr.getvalue()
        assert "UserWarning: a model \u241b[31mred" in check(text)
        assert text.count("\n") == 1


def test_each_acting_character_is_a_sign_and_lines_stay():
    stream = io.StringIO()
    kept = "a\tb\nc \u00e9 \u4eca \u05d0 \u200f \U0001f600 \u00a0"
    streams.Shown(stream, remarks=False).write("".join(BAD) + "\r" + kept)
    assert stream.getvalue().endswith("\u240d" + kept)
    check(stream.getvalue())
    assert len(stream.getvalue()) == len(BAD) + 1 + len(kept)


def test_on_a_terminal_colours_and_progress_stay():
    stream = Terminal()
    to = streams.Shown(stream, remarks=True)
    to.writelines(["\x1b[1;34mblue\x1b[0m\r\x1b[A", "\x1b]8;;http://x\x07\x1b[2J\x1b[31", "m"])
    assert stream.getvalue() == (
        "\x1b[1;34mblue\x1b[0m\r\x1b[A\u241b]8;;http://x\u2407\u241b[2J\u241b[31m"
    )
    assert to.isatty()


def test_an_error_is_one_line_without_controls(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with pytest.raises(terminal.Exit), terminal.safely():
        raise RangeError(f"{ACTING}\nsecond line")
    assert sys.stderr.getvalue() == f"salience: {harmless(ACTING)}\u240asecond line\n"


def test_remarks_that_cannot_be_written_end_nothing():
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    to = streams.Shown(Full(), remarks=True)
    assert to.write("progress") == 8
    to.flush()
    with pytest.raises(OSError, match="No space"):
        streams.Shown(Full(), remarks=False).write("a result")


def test_a_stream_that_was_closed_since_is_nowhere(monkeypatch, tmp_path):
    for close in (lambda file: os.close(file.fileno()), lambda file: file.close()):
        file = open(tmp_path / "log", "w", encoding="utf-8")  # noqa: SIM115
        close(file)
        monkeypatch.setattr(sys, "stderr", file)
        streams.prepare()
        sys.stderr.write("x")
        sys.stderr.flush()
        assert sys.stderr.name == os.devnull
        if not file.closed:
            os.open(os.devnull, os.O_WRONLY)  # at the number that the file still believes in
            file.close()


@pytest.mark.skipif(os.name != "posix", reason="streams as of POSIX")
@pytest.mark.parametrize("closed", ["2>&-", "2</dev/null", "2>/dev/full", "since"])
def test_work_is_done_without_standard_error(closed, model_file, tmp_path):
    """finetune has warnings, progress and files of its own, which no message may end up in."""
    pairs = written(
        tmp_path / "pairs.tsv", "sentence1\tsentence2\na cat\ta dog\na mat\ta house\na b\tc d\n"
    )
    code = f"import os; os.close(2)\n{CALL}" if closed == "since" else CALL
    redirected = "" if closed == "since" else closed
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", sys.executable, "-c", code, "finetune",
         pairs, "--out", tmp_path / "out", "--model", model_file, "--epochs", "1"],
        stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, timeout=240,
    )  # fmt: skip
    assert done.returncode == 0
    assert b"of step 1" in done.stdout
    assert (tmp_path / "out" / "model.safetensors").exists()
