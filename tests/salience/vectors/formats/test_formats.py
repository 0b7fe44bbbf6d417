"""A file's format is known by its content, whatever its name; a new one's by its ending."""

import shutil

import numpy as np
import pytest

from salience.errors import RangeError, WeightsError
from salience.vectors.formats import format_of_file, format_of_name, read_vectors, write_vectors
from salience.vectors.word_vectors import NgramRows, WordVectors

from .examples import LONG, ROWS, SMALL, entry, fasttext_bin, same

FLORET = WordVectors([], ROWS[:0], ngrams=NgramRows(ROWS, 2, 3, "floret"))


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("form", ["word2vec", "word2vec-binary", "glove", "floret"])
def test_a_format_is_found_by_content(tmp_path, form, packed):
    written = FLORET if form == "floret" else SMALL
    path, renamed = tmp_path / f"file{packed}", tmp_path / "no ending"
    write_vectors(written, path, form)
    assert (path.read_bytes()[:2] == b"\x1f\x8b") == bool(packed)
    shutil.move(path, renamed)
    assert format_of_file(renamed) == form
    found = read_vectors(renamed)
    assert same(found, written)
    if form == "floret":
        np.testing.assert_array_equal(found.ngrams.rows, ROWS)


def test_fasttext_is_found_by_its_magic_number(tmp_path):
    path = tmp_path / "v.vec"
    path.write_bytes(fasttext_bin([entry("sea", 1)], ROWS, 2))
    assert format_of_file(path) == "fasttext"
    assert read_vectors(path).words == ["sea"]


@pytest.mark.parametrize("number", [0.1, 1.0, 3e-39, -2.5e30])
def test_binary_numbers_are_told_from_text_in_a_file_of_one(tmp_path, number):
    path = tmp_path / "file"
    write_vectors(WordVectors(["é"], np.full((1, 1), number)), path, "word2vec-binary")
    assert format_of_file(path) == "word2vec-binary"


def test_a_damaged_text_is_refused_as_one(tmp_path):
    path = tmp_path / "file"
    path.write_bytes("2 2\nStraße 1 x\nsea 1 2\n".encode())
    with pytest.raises(WeightsError, match="line 2: expected a word and 2 numbers, got b'x'"):
        read_vectors(path)


@pytest.mark.parametrize("form", ["word2vec", "word2vec-binary"])
def test_a_long_first_word_does_not_matter(tmp_path, form):
    path = tmp_path / "file"
    write_vectors(WordVectors([LONG], ROWS[:1]), path, form)
    assert format_of_file(path) == form


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("v.vec", "word2vec"), ("v.txt", "word2vec"), ("v.w2v.gz", "word2vec"),
        ("V.BIN", "word2vec-binary"), ("v.bin.gz", "word2vec-binary"), ("v.glove", "glove"),
        ("a.b.floret", "floret"), ("vectors", "folder"),
    ],
)  # fmt: skip
def test_a_format_is_named_by_an_ending(tmp_path, name, form):
    assert format_of_name(name) == form
    write_vectors(FLORET if form == "floret" else SMALL, tmp_path / name)
    if form == "folder":
        assert (tmp_path / name).is_dir()
    else:
        assert format_of_file(tmp_path / name) == form


@pytest.mark.parametrize(
    ("name", "got"), [("v.npy", ".npy"), ("v.npy.gz", ".npy"), ("v.gz", ".gz")]
)
def test_an_unknown_ending_is_refused(tmp_path, name, got):
    with pytest.raises(RangeError, match=rf"got \{got}; name the format"):
        write_vectors(SMALL, tmp_path / name)


@pytest.mark.parametrize("given", [{"format": "pickle"}, {"most": 0}, {"bad_words": "keep"}])
def test_arguments_that_are_not_valid_are_refused(tmp_path, given):
    write_vectors(SMALL, tmp_path / "v.vec")
    with pytest.raises(RangeError):
        read_vectors(tmp_path / "v.vec", **given)


@pytest.mark.parametrize("form", ["word2vec", "word2vec-binary", "glove", "fasttext", "floret"])
def test_any_byte_that_is_another_is_read_or_refused_as_damage(tmp_path, form):
    path, rng, refused = tmp_path / "v", np.random.default_rng(2), 0
    if form == "fasttext":
        path.write_bytes(fasttext_bin([entry("sea", 1)], ROWS, 2))
    else:
        write_vectors(FLORET if form == "floret" else SMALL, path, form)
    good = path.read_bytes()
    for place in range(len(good)):
        path.write_bytes(good[:place] + rng.bytes(1) + good[place + 1 :])
        for given in (None, form):
            try:
                read_vectors(path, given)
            except WeightsError:
                refused += 1
    assert 0 < refused < 2 * len(good)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(WeightsError, match=r"none\.vec: expected a file of word vectors"):
        read_vectors(tmp_path / "none.vec")


def test_a_folder_is_read_as_one(tmp_path):
    shared = WordVectors(["a", "b", "c"], ROWS[:2], np.array([3, 2, 1]), None, np.array([1, 0, 1]))
    write_vectors(shared, tmp_path / "folder")
    assert same(read_vectors(tmp_path / "folder"), shared)
    first = read_vectors(tmp_path / "folder", most=2)
    assert (first.words, first.counts.tolist()) == (["a", "b"], [3, 2])
    np.testing.assert_array_equal(first.all_vectors, ROWS[[1, 0]])
