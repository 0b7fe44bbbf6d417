"""What `benchmarks.learning` trains: the same examples and steps for every encoder."""

import json
import runpy
from argparse import Namespace
from pathlib import Path

import numpy as np
import pytest
import spacy
from benchmarks import learners, learning
from spacy.tokens import DocBin

PROJECT = Path(__file__).parents[1] / "examples" / "project"
FROZEN = {"@architectures": "salience.Pretrained.v1", "pretrained": "en_small"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """The example project's sample, as spaCy reads it."""
    folder = tmp_path_factory.mktemp("corpus")
    runpy.run_path(str(PROJECT / "convert.py"))["main"](out=str(folder))
    return folder


@pytest.fixture
def given(corpus, tmp_path, monkeypatch):
    """Arguments as the command line gives them, and vectors of a pipeline."""
    nlp = spacy.blank("en")
    nlp.vocab.set_vector("ferry", np.ones(5, np.float32))
    nlp.to_disk(tmp_path / "vectors")
    monkeypatch.setattr(learning, "set_current_ops", lambda ops: None)
    return Namespace(corpus=corpus, steps=2, vectors=tmp_path / "vectors", set=[], scores=True)


def texts(path):
    return [doc.text for doc in DocBin().from_disk(path).get_docs(spacy.blank("en").vocab)]


def test_a_share_is_the_first_of_one_shuffle(corpus, tmp_path):
    folder = corpus / "sentiment" / "train"
    shares = {}
    for percent in (1, 10, 50, 100):
        learners.write_share(folder, percent, tmp_path / "share.spacy")
        shares[percent] = texts(tmp_path / "share.spacy")
    whole = texts(folder / "sentiment.spacy")
    assert sorted(shares[100]) == sorted(whole)
    assert shares[100] != whole
    assert [len(share) for share in shares.values()] == [1, 1, len(whole) // 2, len(whole)]
    assert all(share == shares[100][: len(share)] for share in shares.values())


@pytest.mark.parametrize("task", ["pos", "questions"])
@pytest.mark.parametrize("encoder", learners.ENCODERS)
def test_an_encoder_learns(given, monkeypatch, capsys, task, encoder):
    monkeypatch.setattr(learners, "PRETRAINED", {"en": FROZEN})  # a start whose width no line says
    figures = learning.learn(given, 100, task, encoder, 3, given.corpus / task / "train")
    assert 0 <= figures["score"] <= 1
    assert figures["training"] > 0
    told = json.loads(capsys.readouterr().err.splitlines()[-1])
    assert (told["task"], told["encoder"], told["seed"]) == (task, encoder, 3)
    assert told["on the way"] == [round(told["score"], 4)]  # scored after the last step


@pytest.mark.parametrize(("encoder", "start"), [("fresh", None), ("pretrained", "zh_small")])
def test_a_language_has_its_own_start(given, encoder, start):
    config = learners.configuration(given, "zh_ner", encoder, given.corpus / "zh_ner" / "train")
    model = config["components"]["salience"]["model"]
    assert model["pretrained"] == start
    assert model.get("words") is None


def test_vectors_are_those_of_the_folder(given):
    config = learners.configuration(given, "pos", "vectors", given.corpus / "pos" / "train")
    nlp = learning.init_nlp(config)
    assert nlp.vocab.vectors.shape[1] == 5
    assert any(node.name == "static_vectors" for node in nlp.get_pipe("salience").model.walk())


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("depth=2", ("depth", 2)),
        ("words=null", ("words", None)),
        ("rows=[5, 6]", ("rows", [5, 6])),
        ("learns=all", ("learns", "all")),
        ("pretrained=a=b.safetensors", ("pretrained", "a=b.safetensors")),
    ],
)
def test_a_setting_is_json_or_a_string(text, pair):
    assert learners.setting(text) == pair


def test_few_examples_have_a_schedule_of_their_own():
    training = {"max_steps": 1200, "eval_frequency": 200, "batcher": {"size": 1000}}
    few, whole, short = ({**training, "batcher": {"size": 1000}} for _ in range(3))
    learners.schedule(few, 1, None)
    learners.schedule(whole, 100, None)
    learners.schedule(short, 100, 120)
    assert few["max_steps"] < 1200
    assert few["batcher"]["size"] < 1000
    assert few["max_steps"] % few["eval_frequency"] == 0
    assert whole == training
    assert (short["max_steps"], short["eval_frequency"]) == (120, 120)
