"""`salience vectors train`, from texts to a folder."""

import json

import pytest
from safetensors.numpy import load_file

from ....salience.helpers import needs_kernels
from ..conftest import refused, written

TEXT = "The Ferry leaves.  The tide turns, the ferry waits.\n第二行\n\nThe tide leaves.\n" * 30
GIVEN = "--min-count", 2, "--dimensions", 8, "--epochs", 2, "--threads", 1, "--buckets", 50

pytestmark = needs_kernels


@pytest.mark.parametrize("form", ["word2vec", "fasttext", "floret"])
def test_texts_become_vectors(command, tmp_path, form):
    text, out = written(tmp_path / "text.txt.gz", TEXT), tmp_path / "out"
    output = command("vectors", "train", text, "--out", out, "--form", form, *GIVEN)
    assert "8 dimensions" in output
    tensors = load_file(out / "vectors.safetensors")
    words = (out / "words.txt").read_text(encoding="utf-8").splitlines()
    assert len(tensors["rows"]) == len(words)
    assert json.loads((out / "settings.json").read_text())["training"]["form"] == form
    assert ("ngrams" in tensors) == (form != "word2vec")
    if form != "floret":
        assert words[0] == "the"
        assert not {"", " ", "  "} & set(words)


def test_processes_and_a_second_call_change_no_bit(command, tmp_path):
    text = written(tmp_path / "text.txt", TEXT)
    for out, more in (("one", ()), ("two", ("--processes", 2)), ("two", ())):
        command("vectors", "train", text, "--out", tmp_path / out, *GIVEN, *more)
    one, two = ((tmp_path / out / "vectors.safetensors").read_bytes() for out in ("one", "two"))
    assert one == two


def test_words_keep_their_case_where_it_is_asked_for(command, tmp_path):
    text = written(tmp_path / "text.txt", TEXT)
    command("vectors", "train", text, "--out", tmp_path / "out", "--no-lower", *GIVEN)
    assert {"The", "the"} <= set((tmp_path / "out" / "words.txt").read_text().split())


def test_what_cannot_be_is_refused(tmp_path):
    text, out = written(tmp_path / "text.txt", TEXT), tmp_path / "out"
    given = ("vectors", "train", text, "--out", out)
    refused("--ngrams: expected the fewest and the most characters", *given, "--ngrams", "few")
    refused("expected n-grams of no more characters", *given, "--ngrams", "6-3")
    assert not out.exists()
    refused("expected at least two words that occur 999 times", *given, "--min-count", 999)
