"""`salience evaluate`, as a person types it."""

import json

import pytest
from typer.testing import CliRunner

from salience.model import pretrained
from spacy_salience.cli import app
from spacy_salience.evaluation import evaluate_tasks, model_of, read_tasks

from .conftest import refused, written

STS = "id\tsentence1\tsentence2\tscore\n1\tthe cat\tthe cat\t5\n2\tcat\twarm\t1\n3\tdog\tcold\t0\n"
KEYS = '{"text": "A warm cat and a dog.", "keys": ["warm cat"]}\n'


@pytest.fixture
def tasks(tmp_path):
    sts, keys = written(tmp_path / "sts.tsv.gz", STS), written(tmp_path / "keys.jsonl", KEYS)
    return [f"sts={sts}", f"keyphrases={keys}"]


@pytest.fixture
def peer(nlp, tmp_path):
    nlp.to_disk(tmp_path / "peer")
    return f"spacy:{tmp_path / 'peer'}"


def figures(model_file, tasks, k):
    model = model_of(str(model_file))
    return evaluate_tasks(model.encode, read_tasks(tasks, k), model.nlp)


def test_one_table_of_tasks_and_models(command, model_file, tasks, peer):
    options = ("--model", model_file, "--peer", peer, "--k", 2)
    head, *rows = command("evaluate", *tasks, *options).splitlines()
    assert head.split() == ["task", "file", "items", "figure", str(model_file), peer]
    found = figures(model_file, tasks, 2)
    spearman = f"{found[tasks[0]]['Spearman']:.4f}"
    assert rows[0].split() == ["sts", "sts.tsv.gz", "3", "pairs", "Spearman", spearman, spearman]
    precision = f"{found[tasks[1]]['precision@2']:.4f}"
    assert rows[1].split()[:6] == [
        "keyphrases",
        "keys.jsonl",
        "1",
        "documents",
        "precision@2",
        precision,
    ]
    assert [row.split()[-1] for row in rows[1:]] == ["-"] * 5
    starts = {line.index(" 3 pairs" if "pairs" in line else " 1 documents") for line in rows}
    assert len(starts) == 1


def test_json_has_the_same_with_all_digits(command, model_file, tasks, tmp_path):
    path = tmp_path / "new" / "a.json"
    printed = command("evaluate", *tasks, "--model", model_file, "--json", path)
    assert printed.startswith("task ")
    alone = command("evaluate", *tasks, "--model", model_file, "--json", "-")
    found = json.loads(alone)
    assert found == json.loads(path.read_text())
    (model,) = found["models"]
    assert model["name"] == str(model_file)
    assert model["sha256"] == pretrained.load(str(model_file)).digest()
    packages = {"salience", "spacy", "numpy", "scikit-learn", "python"}
    assert set(found["versions"]) == packages
    first, *_ = found["figures"]
    score = figures(model_file, tasks, 10)[tasks[0]]["Spearman"]
    assert first == {
        "task": "sts",
        "files": [tasks[0].partition("=")[2]],
        "items": "3 pairs",
        "figure": "Spearman",
        "scores": {str(model_file): score},
    }


def test_a_language_is_passed_on(command, model_file, tasks, nlp, tmp_path):
    said = command("evaluate", *tasks, "--model", model_file, "--lang", "de", "--json", "-")
    assert json.loads(said)["models"][0]["language"] == "de"
    said = command("evaluate", *tasks, "--model", model_file, "--json", "-")
    assert json.loads(said)["models"][0]["language"] == "en"
    nlp.to_disk(tmp_path / "mine")
    refused(
        "no --lang, or 'en', the language of the pipeline",
        "evaluate", *tasks, "--model", tmp_path / "mine", "--lang", "de",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a\tb\n", r"sts\.tsv: expected a column sentence1 in the first line, got a, b"),
        ("", "got nothing"),
        (STS + "4\tcat\n", "line 5: expected 4 fields, got 2 fields"),
        (
            STS.replace("\t1\n", "\tone\n"),
            "line 3: expected a finite number as the score, got 'one'",
        ),
    ],
)
def test_what_is_wrong_in_a_file_is_named(model_file, tmp_path, content, message):
    path = written(tmp_path / "sts.tsv", content)
    refused(message, "evaluate", f"sts={path}", "--model", model_file)


def test_what_cannot_be_evaluated_is_named(model_file, tasks, peer):
    refused("expected TASK=FILE", "evaluate", "sts", "sts.tsv")
    refused("expected --peer wordllama", "evaluate", *tasks, "--peer", "glove")
    refused(
        "the folder or name of a spaCy pipeline, got 'none'", "evaluate", *tasks, "--model", "none"
    )
    twice = ("--peer", peer, "--peer", peer)
    refused("models that differ, got one twice", "evaluate", *tasks, "--model", model_file, *twice)


@pytest.mark.parametrize("at", ["fsync", "replace"])
def test_json_that_cannot_be_written_leaves_the_one_before(
    model_file, tasks, tmp_path, monkeypatch, at
):
    path = tmp_path / "new" / "a.json"
    path.parent.mkdir()
    path.write_text("before")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("salience.files.os." + at, full)
    result = CliRunner().invoke(
        app, ["evaluate", *tasks, "--model", str(model_file), "--json", str(path)]
    )
    monkeypatch.undo()
    assert result.exit_code == 1
    assert "No space left on device" in result.output
    assert path.read_text() == "before"
    assert [each.name for each in path.parent.iterdir()] == ["a.json"]


def test_json_to_a_folder_is_refused_before_the_work(model_file, tasks, tmp_path):
    message = "--json: expected a file to write to, got the folder"
    refused(message, "evaluate", *tasks, "--model", model_file, "--json", tmp_path)
