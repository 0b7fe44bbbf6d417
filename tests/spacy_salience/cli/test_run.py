"""`salience run`: what it prints, and its exit status."""

import json

import pytest
from typer.testing import CliRunner

from spacy_salience.cli import app
from spacy_salience.runs import run as module

from ..runs.conftest import Here
from .conftest import refused, written

SICK = """
from spacy.language import Language

@Language.component("sick")
def sick(doc):
    if "sick" in doc.text:
        raise ValueError("a sick text")
    return doc
"""


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "Workers", Here)
    monkeypatch.setattr(module, "prepare", lambda: None)


@pytest.fixture
def options(model_file):
    return ("--out", "out", "--pipeline", model_file, "--form", "jsonl")


def invoked(*args):
    return CliRunner().invoke(app, ["run", *map(str, args)])


def test_it_says_what_there_is_now(command, options, tmp_path):
    written(tmp_path / "a.csv", "key,body,n\nx,a cat,1\ny,,2\n")
    more = ("--field", "body", "--id", "key", "--columns", "vector,keywords", "--chunk-size", 1)
    said = command("run", "a.csv", *options, *more)
    assert said.startswith("1 documents, 1 result files in out\n")
    assert "skipped 1 row without a text" in said
    row = json.loads((tmp_path / "out" / "chunk-000000.jsonl").read_text())
    assert (list(row), row["id"]) == (["id", "n", "vector", "keywords"], "x")
    assert "1 documents were done before" in command("run", "a.csv", *options, *more)


def test_several_files_are_read_in_order(command, options, tmp_path):
    written(tmp_path / "a.txt.gz", "a cat\n")
    written(tmp_path / "b", "a dog\n")
    command("run", "b", "a.txt.gz", *options, "--format", "txt")
    lines = (tmp_path / "out" / "chunk-000000.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["b:1", "a.txt.gz:1"]


def test_what_was_asked_before_must_be_the_same(command, options, tmp_path):
    written(tmp_path / "a.txt", "a cat\n")
    command("run", "a.txt", *options)
    refused(
        r"columns was \[\"vector\"\], now \[\"text\"\]",
        "run",
        "a.txt",
        *options,
        "--columns",
        "text",
    )


def test_what_cannot_be_read_is_refused(options, tmp_path):
    refused("expected a file or folder of texts", "run", "none.txt", *options)
    written(tmp_path / "a.jsonl", '{"text": "a cat"}\n{"text": ""}\n{\n')
    refused("a.jsonl, line 3: expected a JSON object", "run", "a.jsonl", *options)
    written(tmp_path / "b.jsonl", '{"text": "a cat"}\n{"text": ""}\n')
    refused("b.jsonl, line 2: expected something", "run", "b.jsonl", *options, "--strict")
    assert not list(tmp_path.glob("out/*"))


def test_documents_that_fail_are_told_and_the_status_is_3(options, tmp_path, nlp):
    from spacy.util import import_file

    written(tmp_path / "code.py", SICK)
    import_file("python_code", tmp_path / "code.py")
    nlp.add_pipe("sick")
    nlp.to_disk(tmp_path / "pipeline")
    written(tmp_path / "a.txt", "a cat\n\na sick dog\n")
    for _ in range(2):  # also where nothing is left to do
        result = invoked("a.txt", *options, "--pipeline", "pipeline", "--code", "code.py")
        assert result.exit_code == 3
        assert "1 of 2 documents failed; out/errors.jsonl says which, and why" in result.output


def test_an_interrupted_command_says_that_it_goes_on(options, tmp_path, monkeypatch):
    def interrupt(self, wanted):
        raise KeyboardInterrupt

    written(tmp_path / "a.txt", "a cat\n")
    monkeypatch.setattr(Here, "ask", interrupt)
    result = invoked("a.txt", *options)
    assert result.exit_code == 130
    assert "the same command goes on" in result.output
