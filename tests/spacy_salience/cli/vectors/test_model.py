"""`salience vectors model`: a model that a pipeline, and a training, can begin with."""

import numpy as np
import pytest
import spacy

from salience.model import pretrained
from salience.model.weights import MODEL_FILE
from salience.vectors.formats import write_vectors

from ....salience.helpers import needs_speed
from ....salience.vectors.tables import at_random, of_structure
from ..conftest import refused, written
from ..test_distil import TEACHER, TEXT

SMALL = "--lang", "en", "--buckets", 20


def pipeline_of(model):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model)}})
    return nlp


@pytest.mark.parametrize("table", ["int8", "float16", "float32"])
def test_documents_of_one_topic_are_alike(command, tmp_path, table):
    path, vectors = tmp_path / "m.safetensors", tmp_path / "v.vec"
    write_vectors(of_structure(common=6), vectors)
    output = command("vectors", "model", vectors, "--out", path, *SMALL, "--table", table)
    model = pretrained.load(str(path))
    assert f"{path}: 12 words of width 24, language en, " in output
    assert model.digest() in output
    assert model.tensors["table"].dtype == np.dtype(table)
    one, alike, other = pipeline_of(path).pipe(["apple pear", "plum grape", "rome madrid"])
    assert one.similarity(alike) > 0.5 > one.similarity(other)
    assert one[0].similarity(alike[0]) > one[0].similarity(other[0])


def test_a_rare_word_weighs_more(command, tmp_path, capitals):
    counts = written(tmp_path / "counts.tsv", "apple\t1000\nrome\t2\npear\t5\nmadrid\t5\n")
    similar = []
    for rarity in (1e-4, 1e6):  # by a / (a + p), then nearly alike
        path = tmp_path / "m.safetensors"
        command(
            "vectors", "model", capitals, "--out", path, *SMALL, "--counts", counts,
            "--rarity", rarity, "--components", 0,
        )  # fmt: skip
        both, fruit, town = pipeline_of(path).pipe(["apple rome", "apple", "rome"])
        similar.append((both.similarity(fruit), both.similarity(town)))
    assert similar[0][1] > similar[1][1]
    assert similar[0][0] < similar[1][0]
    assert similar[0][1] > 0.95


def test_a_folder_gets_the_file_of_a_model(command, tmp_path, capitals):
    given = ("vectors", "model", capitals, *SMALL, "--width", 6, "--words", 5)
    command(*given, "--out", tmp_path / "folder")
    command(*given, "--out", tmp_path / "m.safetensors")
    path = tmp_path / "folder" / MODEL_FILE
    assert path.read_bytes() == (tmp_path / "m.safetensors").read_bytes()
    assert pretrained.load(str(path)).tensors["table"].shape[1] == 6


def test_the_width_that_is_told_is_that_of_the_model(command, tmp_path, capitals):
    path = tmp_path / "m.safetensors"
    output = command("vectors", "model", capitals, *SMALL, "--width", 99, "--out", path)
    assert "words of width 24, " in output
    assert pretrained.load(str(path)).tensors["table"].shape[1] == 24


def test_ngrams_alone_need_counts(command, tmp_path, ngrams):
    path = tmp_path / "m.safetensors"
    given = ("vectors", "model", ngrams, *SMALL, "--out", path)
    refused("give counts of words", *given)
    assert not path.exists()
    counts = written(tmp_path / "counts.tsv", "sea\t3\ntide\t2\nhill\t1\n")
    assert "3 words of width 7" in command(*given, "--counts", counts)
    assert pipeline_of(path)("sea tide").vector.any()


@needs_speed
def test_a_training_goes_on_from_it(command, tmp_path):
    write_vectors(at_random(30, 8), tmp_path / "v.vec")
    first, then = tmp_path / "first.safetensors", tmp_path / "then"
    command("vectors", "model", tmp_path / "v.vec", *SMALL, "--out", first)
    text = written(tmp_path / "a.txt", TEXT)
    command(
        "distil", text, "--teacher", TEACHER, "--model", first, "--out", then, "--batch", 2,
        "--lang", "en",
    )  # fmt: skip
    before, after = (pretrained.load(str(path)) for path in (first, then / MODEL_FILE))
    assert bytes(after.tensors["words"]) == bytes(before.tensors["words"])
    assert after.digest() != before.digest()


def test_what_cannot_be_is_refused_and_nothing_written(tmp_path, capitals):
    path = tmp_path / "m.safetensors"
    counts = written(tmp_path / "counts.tsv", "apple\tmany\n")
    unheard = written(tmp_path / "unheard.tsv", "unheard\t3\n")
    given = (capitals, "--out", path, "--lang", "en")
    for message, *asked in (
        ("none.vec", tmp_path / "none.vec", "--out", path, "--lang", "en"),
        ("magic number", *given, "--format", "fasttext"),
        ("--rarity: expected a number above 0", *given, "--rarity", 0),
        ("counts.tsv, line 1", *given, "--counts", counts),
        ("none.tsv", *given, "--counts", tmp_path / "none.tsv"),
        ("qqq", capitals, "--out", path, "--lang", "qqq"),
        ("got 1 of words without", *given, "--counts", unheard),
    ):
        refused(message, "vectors", "model", *asked)
        assert not path.exists()
