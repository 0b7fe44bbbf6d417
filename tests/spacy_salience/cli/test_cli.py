"""The commands, as a person types them."""

import json
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from spacy_salience import keywords
from spacy_salience.cli import app
from spacy_salience.cli.show import is_text

from .conftest import refused, written

TWO = "the cat sat\non the mat\n\n\nthe dog was warm\n"


JSONL = "".join(
    json.dumps({"text": text}) + "\n" for text in ["the cat sat\non the mat", "the dog was warm"]
)

TABLE = 'id,text\n1,"the cat sat\non the mat"\n2,the dog was warm\n'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", TWO),
        ("a.txt.gz", TWO),
        ("a.jsonl", JSONL),
        ("A.JSONL.gz", JSONL),
        ("bom.txt", "\ufeff" + TWO),
        ("bom.jsonl", "\ufeff" + JSONL.replace("\n", "\n\n")),
        ("crlf.txt", TWO.replace("\n", "\r\n")),
        ("cr.md", TWO.replace("\n", "\r")),
        ("utf16.txt", TWO.encode("utf-16")),
        ("a.ndjson", JSONL),
        ("a.jsonlines", JSONL),
        ("a.json.gz", f"[{JSONL.strip()}]".replace("\n", ",\n")),
        ("a.csv", TABLE),
        ("a.csv.gz", TABLE.replace(",", ";").encode("utf-16")),
        ("a.tsv", TABLE.replace(",", "\t")),
    ],
)
def test_show_reads_each_kind_of_file(command, model_file, tmp_path, name, content):
    path = written(tmp_path / name, content)
    lines = command("show", path, "--model", model_file, "--top", 2).splitlines()
    assert lines[0].startswith("1\tvectors [7, 16]\tsalient: ")
    assert lines[1].startswith("2\tvectors [4, 16]\tsalient: ")
    assert "similarity to 1: " in lines[1]
    assert lines[2] == "2 documents, 11 tokens"


def test_show_of_the_column_that_is_named(command, model_file, tmp_path):
    path = written(tmp_path / "a.jsonl", '{"a": "the cat", "b": "a dog"}\n{"a": "x"}\n{"b": " "}\n')
    shown = command("show", path, "--model", model_file, "--field", "b").splitlines()
    assert shown[0].startswith("1\tvectors [2, 16]\tsalient: ")
    assert shown[1:] == ["1 documents, 2 tokens", "salience: skipped 2 rows without a text"]
    arguments = ("show", path, "--model", model_file, "--field", "b", "--strict")
    refused(r"a\.jsonl, line 2: expected something in 'b', got nothing; mend", *arguments)
    refused(r"expected one column 'c', got the columns a, b", *arguments[:4], "--field", "c")


def test_show_of_a_format_that_the_name_does_not_say(command, model_file, tmp_path):
    path = written(tmp_path / "a.txt", "text\nthe cat\n")
    shown = command("show", path, "--model", model_file, "--format", "csv")
    assert shown.splitlines()[1] == "1 documents, 2 tokens"
    shown = command("show", path.rename(tmp_path / "a.html"), "--format", "txt")
    assert shown.splitlines()[1] == "1 documents, 4 tokens"  # a line end is one


@pytest.mark.parametrize(
    ("content", "options", "count"),
    [("the cat\n\na dog", (), 2), ('{"text": "the cat"}', ("--format", "jsonl"), 1)],
)
def test_show_of_standard_input(model_file, content, options, count):
    arguments = ["show", "-", "--model", str(model_file), *options]
    result = CliRunner().invoke(app, arguments, input=content)
    assert result.output.splitlines()[count] == f"{count} documents, {2 * count} tokens"


def test_show_of_an_empty_file(command, model_file, tmp_path):
    path = written(tmp_path / "a.txt", "")
    assert command("show", path, "--model", model_file) == "0 documents, 0 tokens\n"


def test_show_of_a_text_marks_it_and_names_its_keywords(command, model_file, monkeypatch):
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    text = "the cat-dog sat on the mat\nand the \x1b[31mmat"
    plain = command("show", text, "--model", model_file, "--top", 2)
    first, second, _, meaning, keywords = plain.splitlines()
    assert re.sub(r"\*", "", f"{first}\n{second}") == text.replace("\x1b", "\u241b")
    assert "*" in first
    assert meaning.startswith("salience from *0.")
    assert re.fullmatch(r"keywords: [^,]+, [^,]+", keywords)
    monkeypatch.setenv("FORCE_COLOR", "1")
    coloured = command("show", text, "--model", model_file, "--top", 2)
    assert "\x1b[1;97;48;5;26m" in coloured
    monkeypatch.setenv("NO_COLOR", "1")
    assert command("show", text, "--model", model_file, "--top", 2) == plain


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ("the cat sat", True),
        ("It cost 3.50", True),
        ("either/or, said the cat.", True),
        ("x " * 50_000, True),
        ("a\nb", True),
        ("nul \0 byte", True),
        ("missing", False),
        ("missing.txt", False),
        ("my notes.txt", False),
        ("my notes.jsonl.gz", False),
        ("my notes.jsonlines", False),
        ("my notes.parquet", False),
        ("my notes.7z", False),
        ("-", False),
        ("- a list", True),
        ("two words", False),  # there is a file of this name
        ("", False),
    ],
    ids=ascii,
)
def test_what_is_a_text_and_what_a_file(tmp_path, monkeypatch, given, text):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "two words", "the cat")
    assert is_text(given) is text


@pytest.mark.parametrize("name", ["missing.txt", "my notes.txt", "missing", ""])
def test_a_mistyped_file_name_is_no_text(model_file, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    refused("found none of this name; if it is a text, add --text", "show", name)


def test_show_takes_any_text_that_is_called_one(command, model_file):
    assert "keywords: cat" in command("show", "cat", "--text", "--model", model_file)
    assert "keywords: -" in command("show", "", "--text", "--model", model_file)


def test_bytes_that_are_no_text_are_refused(model_file):
    refused(
        "expected a text of valid Unicode", "show", "caf\udce9 is", "--text", "--model", model_file
    )


def test_keywords_of_a_file_are_those_of_the_library(command, model_file, nlp, tmp_path):
    path = written(tmp_path / "a.txt", "the cat sat on the warm mat.\nthe dog")
    line = command("show", path, "--model", model_file, "--top", 3).splitlines()[0]
    words = [word for word, _ in keywords(nlp(path.read_text()), 3)]
    assert line.endswith(f"salient: {', '.join(words)}")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", '{"text": "x"}\n{"no": 1}\n', r"a\.jsonl, line 2: expected a JSON object"),
        ("a.jsonl", '{"text": ' + "[" * 100_000, r"line 1: expected a JSON object"),
        ("a.jsonl", "[1]\n", r"line 1: expected a JSON object"),
        ("a.jsonl", '{"text": "\\ud800"}', r"line 1: expected a JSON object"),
        ("a.txt", b"the cat\n\ncaf\xe9", r"a\.txt, line 3: expected UTF-8 text .* byte 0xE9"),
        ("a.pdf", "x", r"a\.pdf: expected a file of texts .*, got \.pdf; save what it says as"),
        ("a.csv", "id,text\n1\n", r"a\.csv, line 2: expected 2 fields, got 1 fields"),
        ("a.ndjson", '{"a": "x", "b": "y"}', r"one column of texts, got the columns a, b; name .*"),
        ("a.tsv.gz", None, r"a\.tsv\.gz: expected a UTF-8 text file"),
    ],
)
def test_a_bad_file_is_named(model_file, tmp_path, name, content, message):
    path = tmp_path / name
    if content is not None:
        written(path, content)
    refused(message, "show", path, "--model", model_file)


def test_spacys_command_line_has_it_too(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "spacy", "salience", "show", str(tmp_path / "none.txt")],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("salience: ")
    assert "none.txt: expected a UTF-8 text file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_imports_itself_alone():
    asked = "import sys\nfrom spacy_salience.cli import app\n"
    code = f"{asked}try:\n  app(['search', '--help'])\nfinally:\n  print(sorted(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "spacy_salience.cli.search" in found.stdout
    assert "spacy_salience.cli.distil" not in found.stdout


def test_a_command_that_there_is_not_is_named():
    result = CliRunner().invoke(app, ["serve"])
    assert result.exit_code == 2
    assert "No such command 'serve'" in result.output
