"""`salience vectors convert`, between all formats."""

import struct

import numpy as np
import pytest
import spacy

from salience.vectors.formats import read_vectors, write_vectors
from salience.vectors.word_vectors import NgramRows, WordVectors
from spacy_salience.word_vectors.files import read_any

from ....salience.vectors.tables import at_random, floret
from ..conftest import refused, written

OUT = {
    "v.vec": "word2vec", "v.txt.gz": "word2vec", "v.bin": "word2vec-binary",
    "v.bin.gz": "word2vec-binary", "v.glove": "glove", "v": "folder", "pipeline": "spacy",
}  # fmt: skip
"""What is written, and its format."""


def of_fasttext():
    """A fastText model of two words, and its .bin file as fastText 0.9.2 writes it."""
    rng = np.random.default_rng(5)
    rows, buckets = (rng.normal(size=(n, 7)).astype(np.float32) for n in (2, 30))
    settings = struct.pack("<i12id", 12, 7, 5, 1, 1, 5, 1, 1, 2, 30, 3, 6, 100, 1e-4)
    words = b"sea\0" + struct.pack("<qb", 9, 0) + b"ferry\0" + struct.pack("<qb", 4, 0)
    table = struct.pack("<?qq", False, 32, 7) + rows.tobytes() + buckets.tobytes()
    data = struct.pack("<i", 793712314) + settings + struct.pack("<3i2q", 2, 2, 0, 13, -1)
    ngrams = NgramRows(buckets, 3, 6, "fasttext")
    return WordVectors(["sea", "ferry"], rows, np.array([9, 4]), ngrams), data + words + table


def options(name):
    return ("--to", "spacy") if OUT[name] == "spacy" else ()


@pytest.mark.parametrize("to", OUT)
@pytest.mark.parametrize("given", OUT)
def test_words_go_from_each_format_to_each(command, tmp_path, given, to):
    vectors = at_random()
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    write_vectors(vectors, tmp_path / "all.vec")
    one, two = tmp_path / "first" / given, tmp_path / "second" / to
    command("vectors", "convert", tmp_path / "all.vec", one, *options(given))
    output = command("vectors", "convert", one, two, *options(to))
    assert f"{two}: 60 words of width 7, as {OUT[to]}\n" in output
    found = read_any(str(two))
    assert list(found.words) == vectors.words
    np.testing.assert_array_equal(found.rows, vectors.rows)


@pytest.mark.parametrize("to", ["n.floret", "n.floret.gz", "n", "pipeline"])
def test_ngrams_alone_go_to_formats_that_have_them(command, tmp_path, ngrams, to):
    out, more = tmp_path / to, ("--to", "spacy") if to == "pipeline" else ()
    assert "not in this format" not in command("vectors", "convert", ngrams, out, *more)
    back = tmp_path / "back.floret"
    command("vectors", "convert", out, back)
    assert back.read_bytes() == ngrams.read_bytes()
    words = ["sea", "Zürich"]
    np.testing.assert_array_equal(read_any(str(out)).vectors(words), floret().vectors(words))


def test_fasttexts_file_is_read(command, tmp_path):
    vectors, data = of_fasttext()
    path = written(tmp_path / "ft.bin", data)
    assert "format" not in command("vectors", "convert", path, tmp_path / "folder")
    found = read_vectors(tmp_path / "folder")
    assert found.counts.tolist() == [9, 4]
    np.testing.assert_array_equal(found.vectors(["seas"]), vectors.vectors(["seas"]))
    for to, more in (("ft.vec", ()), ("pipeline", ("--to", "spacy"))):
        output = command("vectors", "convert", path, tmp_path / to, *more)
        assert "its n-gram rows are not in this format" in output
        found = read_any(str(tmp_path / to))
        assert found.ngrams is None
        np.testing.assert_array_equal(found.vectors(vectors.words), vectors.all_vectors)


def test_the_format_is_named_where_the_name_says_another(command, tmp_path, capitals):
    command("vectors", "convert", capitals, tmp_path / "v.data", "--to", "glove")
    out = tmp_path / "v.bin"
    command("vectors", "convert", tmp_path / "v.data", out, "--from", "glove", "--to", "word2vec")
    assert out.read_bytes() == capitals.read_bytes()


def test_the_first_words_and_a_language(command, tmp_path, capitals):
    out = tmp_path / "pipeline"
    command("vectors", "convert", capitals, out, "--to", "spacy", "--words", 3, "--lang", "en")
    nlp = spacy.load(out)
    assert nlp.lang == "en"
    assert [token.has_vector for token in nlp("italy tokyo")] == [True, False]


@pytest.mark.parametrize("attr", ["ORTH", "LOWER"])
def test_a_pipeline_of_ngrams_keeps_its_attribute(command, tmp_path, ngrams, attr):
    out = tmp_path / "pipeline"
    given = ("--to", "spacy", "--lang", "en", "--attr", attr)
    command("vectors", "convert", ngrams, out, *given)
    small, capital = spacy.load(out)("sea SEA")
    assert np.array_equal(small.vector, capital.vector) == (attr == "LOWER")


def test_bad_words_are_skipped_where_it_is_asked_for(command, tmp_path):
    path = written(tmp_path / "twice.vec", "3 2\nsea 1 2\nsea 3 4\nhill 5 6\n")
    out = tmp_path / "out.vec"
    refused("line 3.*sea", "vectors", "convert", path, out)
    with pytest.warns(UserWarning, match="1"):
        assert "2 words" in command("vectors", "convert", path, out, "--skip-bad-words")
    assert read_vectors(out).rows.tolist() == [[1, 2], [5, 6]]


def test_what_cannot_be_is_refused_and_nothing_written(tmp_path, capitals, ngrams):
    out = tmp_path / "out.vec"
    for message, *given in (
        ("none.vec", tmp_path / "none.vec", out),
        ("expected a format of", capitals, out, "--from", "word3vec"),
        ("expected a format of", capitals, out, "--to", "word3vec"),
        ("fastText's magic number", capitals, out, "--from", "fasttext"),
        ("expected a name that ends with", capitals, tmp_path / "out.data"),
        ("fasttext", capitals, out, "--to", "fasttext"),
        ("n-grams", capitals, tmp_path / "out.floret"),
        ("n-grams alone", ngrams, out),
        ("attr: expected ORTH", capitals, out, "--to", "spacy", "--attr", "LOWER"),
        ("attr", ngrams, out, "--to", "spacy", "--attr", "SHAPE"),
        ("line 3", written(tmp_path / "bad.vec", "2 2\nsea 1 2\nhill 3 much\n"), out),
    ):
        refused(message, "vectors", "convert", *given)
        assert not out.exists()
