"""The example project on its own sample, by the commands that spaCy's users give."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import spacy
from spacy.tokens import DocBin

from spacy_salience import reasons

PROJECT = Path(__file__).parents[2] / "examples" / "project"
TASKS = sorted(path.stem for path in (PROJECT / "configs").glob("*.cfg"))
SHORT = ["--training.max_steps", "40", "--training.eval_frequency", "20"]
# Entities of characters begin to be found after 40 steps, and all are after 80.
LONGER = ["--training.max_steps", "80", "--training.eval_frequency", "20"]
SCORES = {"pos": "tag_acc", "ner": "ents_f", "multi": "ents_f", "zh_ner": "ents_f"}


def python(folder, *arguments, **environment):
    """Run a command in the folder, and return what it printed; fail with that if it fails."""
    run = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=folder, capture_output=True, text=True,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def spacy_cli(folder, *arguments):
    return python(folder, "-m", "spacy", *arguments)


def install(folder, pipeline, name, version):
    """Package a pipeline, install it in a folder without a network, and return that folder."""
    spacy_cli(
        folder, "package", pipeline, ".", "--name", name, "--version", version, "--build", "none"
    )
    source, options = folder / f"en_{name}-{version}", ("--no-deps", "--no-index", "-q")
    pip = ("-m", "pip", "--disable-pip-version-check")
    python(folder, *pip, "wheel", source, *options, "--no-build-isolation", "-w", "wheels")
    wheel = next((folder / "wheels").glob("*.whl"))
    python(folder, *pip, "install", wheel, *options, "--target", "installed")
    return folder / "installed"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A copy of the project, with the sample converted and `multi` trained."""
    folder = tmp_path_factory.mktemp("project") / "project"
    shutil.copytree(PROJECT, folder)
    assert "multi" not in python(folder, "convert.py")
    spacy_cli(folder, "train", "configs/multi.cfg", "--output", "out", *SHORT)
    return folder


def docs_of(project, task, part="dev"):
    nlp = spacy.blank("zh" if task.startswith("zh") else "en")
    for path in sorted((project / "corpus" / task / part).glob("*.spacy")):
        yield from DocBin().from_disk(path).get_docs(nlp.vocab)


def test_the_sample_has_all_tasks(project):
    for task in TASKS:
        assert len(list(docs_of(project, task))) >= 2
    assert all(doc[0].tag_ for doc in docs_of(project, "pos"))
    assert {ent.label_ for doc in docs_of(project, "ner") for ent in doc.ents} == {
        "LOC", "ORG", "PER"
    }  # fmt: skip
    assert {len(token) for doc in docs_of(project, "zh") for token in doc} == {1}


@pytest.mark.parametrize("task", [task for task in TASKS if task != "multi"])
def test_a_configuration_trains(project, task):
    steps = LONGER if task == "zh_ner" else SHORT
    spacy_cli(project, "train", f"configs/{task}.cfg", "--output", f"out-{task}", *steps)
    nlp = spacy.load(project / f"out-{task}" / "model-best")
    scores = nlp.meta["performance"]
    assert scores[SCORES.get(task, "cats_micro_f")] > 0.6


def test_three_components_learn_on_one_encoder(project):
    nlp = spacy.load(project / "out" / "model-best")
    assert nlp.pipe_names == ["salience", "tagger", "ner", "textcat_multilabel"]
    scores = nlp.meta["performance"]
    assert scores["tag_acc"] > 0.9
    assert scores["ents_f"] > 0.3
    assert scores["cats_score"] > 0.9
    doc = nlp("Ada laughed the whole evening .")
    why = reasons(nlp.get_pipe("textcat_multilabel"), doc)
    assert why.contributions.shape == (len(doc), 2)
    assert dict(zip(why.labels, why.scores, strict=True)) == pytest.approx(doc.cats)


def test_a_configuration_is_filled_and_debugged(project):
    spacy_cli(project, "init", "fill-config", "configs/multi.cfg", "filled.cfg")
    filled = (project / "filled.cfg").read_text(encoding="utf-8")
    for line in ('cell = "gated"', "depth = 1", 'fusion = "concat"', "num_threads = null"):
        assert line in filled.splitlines()
    assert "Config is valid" in spacy_cli(project, "debug", "config", "filled.cfg")
    debugged(project, "filled.cfg", "salience")
    # debug model takes for granted that what is listened to has the name of spaCy's own.
    renamed = filled.replace("components.salience", "components.tok2vec")
    renamed = renamed.replace('"salience"', '"tok2vec"').replace(
        'factory = "tok2vec"', 'factory = "salience"'
    )
    (project / "renamed.cfg").write_text(renamed, encoding="utf-8")
    for component in ("tagger", "textcat_multilabel"):
        debugged(project, "renamed.cfg", component)


def debugged(project, config, component):
    steps = ("--print-step1", "--print-step2", "--print-step3", "--parameters", "--gradients")
    out = spacy_cli(project, "debug", "model", config, component, *steps)
    assert "Successfully ended analysis" in out


def test_it_is_evaluated_and_assembled(project):
    (project / "assembled.cfg").write_text(
        '[nlp]\nlang = "en"\npipeline = ["salience", "ner"]\n\n[components]\n\n'
        '[components.salience]\nsource = "out/model-best"\n\n'
        '[components.ner]\nsource = "out/model-best"\n'
    )
    spacy_cli(project, "assemble", "assembled.cfg", "assembled")
    scores = {}
    for folder in ("out/model-best", "assembled"):
        out = spacy_cli(project, "evaluate", folder, "corpus/multi/dev")
        scores[folder] = next(line.split() for line in out.splitlines() if line.startswith("NER F"))
    assert scores["assembled"] == scores["out/model-best"]


def test_it_is_packaged_and_installed(project):
    installed = install(project, "out/model-best", "harbour", "1.2.3")
    script = (
        "import spacy; nlp = spacy.load('en_harbour'); "
        "print(nlp.meta['requirements'], nlp('Ada took a train .')[0].tag_)"
    )
    out = python(project, "-c", script, PYTHONPATH=str(installed))
    assert "salience" in out
    assert out.endswith("NNP\n")


def test_the_project_file_runs(project):
    out = spacy_cli(project, "project", "run", "all", ".", "--vars.task", "questions")
    assert "Saved results to metrics/questions.json" in out
    assert (project / "metrics" / "questions.json").exists()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "sentiment, line 2: expected text in the columns text and label, got the columns of"),
        ("words\tlabel\nx\ty\n", "sentiment, line 2: expected .* got the columns words, label"),
        ("text\tsort\nx\ty\n", "sentiment, line 2: expected .* got the columns text, sort"),
        ("text\tlabel\nx\ty\nz\n", "sentiment, line 3: expected text in the columns text and la"),
        (None, "data: expected one of the files that the README lists, found none"),
    ],
)
def test_a_table_that_cannot_be_converted_is_named(tmp_path, table, said):
    (tmp_path / "data" / "sentiment").mkdir(parents=True)
    if table is not None:
        (tmp_path / "data" / "sentiment" / "train.tsv").write_text(table)
    run = subprocess.run(
        [sys.executable, str(PROJECT / "convert.py"), "data"], cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert re.match(said, run.stderr)
