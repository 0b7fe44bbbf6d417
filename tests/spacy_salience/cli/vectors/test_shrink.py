"""`salience vectors shrink`: smaller folders, and what is left of their quality."""

import numpy as np
import pytest
from safetensors.numpy import load_file

from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.shrink import loss, narrowed, pruned, rounded

from ....salience.vectors.tables import at_random
from ..conftest import refused

MADE = {
    ("--width", 5): lambda given: narrowed(given, 5),
    ("--rows", 12): lambda given: pruned(given, 12),
    ("--int8",): rounded,
    ("--width", 5, "--rows", 12, "--int8"): lambda given: rounded(pruned(narrowed(given, 5), 12)),
}


@pytest.fixture
def vectors(tmp_path):
    write_vectors(at_random(80, 20), tmp_path / "v.vec")
    return tmp_path / "v.vec"


@pytest.mark.parametrize("options", MADE)
def test_a_smaller_folder_and_its_loss(command, tmp_path, vectors, options):
    out = tmp_path / "out"
    output = command("vectors", "shrink", vectors, "--out", out, *options).splitlines()
    before = read_vectors(vectors)
    wanted, found = MADE[options](before), read_vectors(out)
    np.testing.assert_allclose(found.all_vectors, wanted.all_vectors, atol=1e-6)
    assert found.words == before.words
    kept = loss(before, wanted)
    assert output[1].startswith(f"{kept.correlation:.4f}  ")
    assert output[2].startswith(f"{kept.neighbours:.4f}  ")
    stored = load_file(out / "vectors.safetensors")["rows"]
    assert stored.dtype == (np.int8 if "--int8" in options else np.float32)
    assert stored.shape == wanted.rows.shape
    assert stored.nbytes < before.rows.nbytes


def test_ngrams_alone_are_narrowed(command, tmp_path, ngrams):
    output = command("vectors", "shrink", ngrams, "--out", tmp_path / "out", "--width", 3, "--int8")
    assert read_vectors(tmp_path / "out").ngrams.rows.shape == (50, 3)
    assert "nearest" not in output  # no words whose neighbours could be compared


def test_what_cannot_be_is_refused_and_nothing_written(tmp_path, vectors, ngrams):
    out = tmp_path / "out"
    for message, *given in (
        ("expected --width, --rows or --int8", vectors),
        ("width.*1.*20", vectors, "--width", 21),
        ("n-gram rows", ngrams, "--rows", 3),
        ("none.vec", tmp_path / "none.vec", "--int8"),
        ("magic number", vectors, "--int8", "--format", "fasttext"),
    ):
        refused(message, "vectors", "shrink", *given, "--out", out)
        assert not out.exists()
    before = vectors.read_bytes()
    refused("found something else", "vectors", "shrink", vectors, "--out", vectors, "--int8")
    assert vectors.read_bytes() == before
