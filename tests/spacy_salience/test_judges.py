"""Judges from outside: spaCy's own tests and commands, with us installed."""

import json
import re
import subprocess
import sys

import pytest
import spacy
from spacy import ty

from .conftest import TEXTS, pipeline
from .models.test_network import SMALL
from .test_project import install, python, spacy_cli

SPACY_TESTS = [
    f"spacy.tests.{name}"
    for name in ("pipeline.test_tok2vec", "pipeline.test_pipe_factories", "test_ty", "test_models")
]
RUN = """
import sys, pytest, spacy
assert spacy.blank("en").has_factory("salience")
sys.exit(pytest.main(["--pyargs", *sys.argv[1:], "-p", "no:cacheprovider", "-q"]))
"""


def test_spacy_s_own_tests_pass_with_us_installed(tmp_path):
    # The markers are those of spaCy's own settings, which do not come with its package.
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    slow\n    issue\n")
    out = python(tmp_path, "-c", RUN, *SPACY_TESTS)
    found = {what: int(count) for count, what in re.findall(r"(\d+) (passed|failed|error)", out)}
    assert found.keys() == {"passed"}, out
    assert found["passed"] > 60


@pytest.mark.parametrize("model", [{"pretrained": "en_small"}, SMALL])
def test_it_is_what_spacy_calls_a_component_that_learns_and_is_listened_to(model):
    component = spacy.blank("en").add_pipe("salience", config={"model": model})
    for kind in (ty.TrainableComponent, ty.InitializableComponent, ty.ListenedToComponent):
        assert isinstance(component, kind)


@pytest.fixture(scope="module")
def folder(tmp_path_factory, model_file):
    """A pipeline on disk: a frozen component and a trainable one."""
    folder = tmp_path_factory.mktemp("judged")
    nlp = pipeline(model_file)
    nlp.add_pipe("salience", name="learns", config={"model": SMALL}, first=True)
    nlp.initialize()
    nlp.to_disk(folder / "pipeline")
    return folder


def test_its_config_is_debugged(folder):
    paths = ("--paths.train", "train.spacy", "--paths.dev", "dev.spacy")
    assert "Config is valid" in spacy_cli(folder, "debug", "config", "pipeline/config.cfg", *paths)
    wrong = ("--components.learns.model.cell", "lstm")
    run = subprocess.run(
        [sys.executable, "-m", "spacy", "debug", "config", "pipeline/config.cfg", *paths, *wrong],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    for said in ("cell", "linear", "tanh", "gated", "lstm"):
        assert said in run.stdout


def test_it_is_packaged_and_installed_with_its_weights(folder):
    """The file that the frozen component was made from is not needed where it is installed."""
    installed = install(folder, "pipeline", "frozen", "2.0.0")
    config = next(installed.rglob("config.cfg"))
    text, count = re.subn(
        r'pretrained = ".*"', 'pretrained = "gone.safetensors"', config.read_text()
    )
    assert count == 1
    config.write_text(text)
    script = (
        f"import json, spacy; nlp = spacy.load('en_frozen'); doc = nlp({TEXTS[1]!r}); "
        "print(json.dumps([nlp.meta['requirements'], doc.vector.tolist(), "
        "doc._.salience.tolist()]))"
    )
    out = python(folder, "-c", script, PYTHONPATH=str(installed))
    requirements, vector, salience = json.loads(out)
    assert any(requirement.startswith("salience>=") for requirement in requirements)
    doc = spacy.load(folder / "pipeline")(TEXTS[1])
    assert vector == doc.vector.tolist()
    assert salience == doc._.salience.tolist()
