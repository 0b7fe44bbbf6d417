"""Saving and training under Windows' rules, which are themselves seen to be kept."""

import mmap
import os

import numpy as np
import pytest
import spacy

import spacy_salience
from salience.files import write_whole
from salience.model.weights import MODEL_FILE, load, save
from salience.testing import random_weights
from salience.training.corpus import read_corpus, write_corpus

from .spacy_salience.cli.conftest import command
from .spacy_salience.cli.test_distil import SIZES, TEACHER, text
from .spacy_salience.conftest import WORDS, model_file
from .windows import windows

__all__ = ["command", "model_file", "text", "windows"]


@pytest.fixture(params=["open", "mapped", "in a folder"])
def held(request, tmp_path):
    """A path that cannot be removed: what is at it, or in it, is in use."""
    path = tmp_path / "folder" / "file"
    path.parent.mkdir()
    path.write_bytes(b"content")
    with path.open("rb") as file:
        if request.param == "mapped":
            mapped = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
            file.close()
        yield path.parent if request.param == "in a folder" else path
        if request.param == "mapped":
            mapped.close()


def test_what_is_in_use_stays(windows, held, tmp_path):
    (tmp_path / "other").write_bytes(b"")
    for change in (
        held.unlink,
        lambda: os.remove(held),
        lambda: os.rename(held, tmp_path / "new"),
        lambda: os.replace(tmp_path / "other", held),
    ):
        with pytest.raises(PermissionError, match="WinError 32"):
            change()
    with pytest.raises(PermissionError, match="WinError 5"):
        os.open(tmp_path, os.O_RDONLY)


def test_a_file_is_written_again(windows, tmp_path):
    for content in (b"one", b"two"):
        write_whole(tmp_path / "file", lambda file, content=content: file.write(content))
    assert (tmp_path / "file").read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["file"]


def test_a_file_that_somebody_has_open_stays_and_nothing_else(windows, tmp_path):
    path = tmp_path / "file"
    write_whole(path, lambda file: file.write(b"one"))
    with path.open("rb"), pytest.raises(PermissionError, match="WinError 32"):
        write_whole(path, lambda file: file.write(b"two"))
    assert path.read_bytes() == b"one"
    assert os.listdir(tmp_path) == ["file"]


def test_weights_that_were_loaded_are_saved_again(windows, tmp_path):
    save(random_weights(WORDS), tmp_path / "w")
    loaded = load(tmp_path / "w")
    save(loaded, tmp_path / "w")


def test_a_corpus_is_written_and_read(windows, tmp_path):
    corpus = write_corpus([["the", "cat"], [], ["the"]], tmp_path)
    assert corpus.tokens.tolist() == read_corpus(tmp_path).tokens.tolist() == [0, 1, 0]
    assert isinstance(corpus.tokens, np.memmap)


@pytest.mark.parametrize("kind", ["frozen", "learning"])
def test_a_pipeline_is_saved_over_the_one_it_was_loaded_from(windows, tmp_path, model_file, kind):
    nlp = spacy.blank("en")
    model = {"pretrained": str(model_file)}
    if kind == "learning":
        model = {"@architectures": "salience.Encoder.v1", "words": str(model_file)}
    nlp.add_pipe("salience", config={"model": model})
    nlp.initialize()
    for saver in (
        lambda folder, nlp: nlp.to_disk(folder),
        lambda f, nlp: spacy_salience.save(nlp, f),
    ):
        for _ in range(2):
            saver(tmp_path / "p", nlp)
            nlp = spacy.load(tmp_path / "p")
    assert os.listdir(tmp_path) == ["p"]


def test_models_are_made_and_made_better(windows, command, text, tmp_path):
    given = ("distil", text, "--teacher", TEACHER, "--out", tmp_path / "out", *SIZES)
    for _ in range(2):
        command(*given)
    pairs = tmp_path / "pairs.tsv"
    pairs.write_text("question\tsentence\nwhere is the cat\tthe cat sat on the mat\n")
    for _ in range(2):
        command(
            "finetune", pairs, "--model", tmp_path / "out" / MODEL_FILE, "--out", tmp_path / "new"
        )
    scores = ("--json", tmp_path / "scores.json")
    words = tmp_path / "words.tsv"
    words.write_text("word1\tword2\tscore\nthe\tcat\t1\na\tdog\t2\non\tmat\t3\n")
    for _ in range(2):
        command("evaluate", f"words={words}", "--model", tmp_path / "new" / MODEL_FILE, *scores)
