"""`salience distil --lexicon`: a model of characters and of the known words around them."""

import numpy as np
import pytest
import spacy

from salience.model import pretrained
from salience.model.weights import MODEL_FILE

from .conftest import refused, written
from .test_distil import SIZES

TEXT = "大学生喝牛奶。\n学生在大学喝水。\n大学在海边。\n牛奶不是水。\n"
WORDS = "大学\t9\n学生\t7\n牛奶\t5\n图书馆\t3\n"
TEACHER = f"{__package__}.test_distil:teacher_of_characters"
OPTIONS = ("--teacher", TEACHER, "--lang", "zh", *SIZES, "--words", 20)


@pytest.fixture
def given(tmp_path):
    """The arguments of a training by the lexicon, but for --out."""
    words = written(tmp_path / "words.tsv", WORDS)
    spellings = written(tmp_path / "spellings.tsv", "學\t学\n喝\t喝\n")
    text = written(tmp_path / "texts.txt", TEXT)
    return text, *OPTIONS, "--lexicon", words, "--spellings", spellings


def document(model, text):
    """The document vector of a text, by a model's file."""
    nlp = spacy.blank("zh")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model)}})
    return nlp(text).vector


def test_the_model_knows_characters_words_and_spellings(command, given, tmp_path):
    command("distil", *given, "--out", tmp_path / "out")
    model = pretrained.load(str(tmp_path / "out" / MODEL_FILE))
    words = bytes(model.tensors["words"]).decode().split("\n")
    assert model.language == "zh"
    assert {"大学", "牛奶", "学", "水"} <= set(words)
    assert "图书馆" not in words  # no text has it
    path = tmp_path / "out" / MODEL_FILE
    np.testing.assert_array_equal(document(path, "大學生"), document(path, "大学生"))
    assert not np.array_equal(document(path, "学大生"), document(path, "大学生"))


def test_the_same_command_gives_the_same_bits(command, given, tmp_path):
    for out in ("one", "two"):
        command("distil", *given, "--out", tmp_path / out)
    one, two = (tmp_path / out / MODEL_FILE for out in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_another_lexicon_does_not_go_on(command, given, tmp_path):
    command("distil", *given, "--out", tmp_path / "out")
    written(tmp_path / "words.tsv", WORDS.replace("牛奶", "海边"))
    refused("differs", "distil", *given, "--out", tmp_path / "out")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--spellings", "spellings.tsv"), "--lexicon"),
        (("--lexicon", "words.tsv", "--lang", "en"), "character"),
        (("--lexicon", "none.tsv"), "none.tsv"),
    ],
)
def test_what_does_not_go_together_is_refused(tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "words.tsv", WORDS)
    written(tmp_path / "spellings.tsv", "學\t学\n")
    text = written(tmp_path / "texts.txt", TEXT)
    refused(said, "distil", text, *OPTIONS, *options, "--out", tmp_path / "out")
    assert not (tmp_path / "out").exists()
