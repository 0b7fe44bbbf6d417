"""A folder of vectors: whole or absent, read again exactly, refused where it is damaged."""

import json
import os

import numpy as np
import pytest
from hypothesis import given
from safetensors.numpy import load_file, save_file

from salience.errors import RangeError, WeightsError
from salience.training.folders import digest
from salience.vectors import folder as folders
from salience.vectors.word_vectors import NgramRows, WordVectors

from ..helpers import tried
from .formats.examples import ROWS, WORDS, rows_of_width, same, vectors_of, words_without

TABLE = np.random.default_rng(1).normal(size=(50, 4)).astype(np.float32)
COUNTS, ROW_OF = np.array([9, 4, 0]), np.array([1, 0, 1])
FULL = WordVectors(WORDS, ROWS[:2], COUNTS, NgramRows(TABLE, 2, 3), ROW_OF)
FLORET = WordVectors([], ROWS[:0], ngrams=NgramRows(TABLE, 2, 3, "floret", 2, 7, "«", "»"))
FILES = {"settings.json", "vectors.safetensors", "words.txt"}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "vectors"


@tried(200)
@given(words=words_without("\n"), row=rows_of_width)
def test_any_words_and_the_bits_of_rows_are_kept(path, words, row):
    vectors = vectors_of(words, row)
    vectors.to_disk(path)
    assert same(WordVectors.from_disk(path), vectors)


@pytest.mark.parametrize("vectors", [FULL, FLORET], ids=["fasttext", "floret"])
def test_all_that_vectors_have_is_kept(path, vectors):
    vectors.to_disk(path)
    found = WordVectors.from_disk(path)
    assert found.ngrams._replace(rows=None) == vectors.ngrams._replace(rows=None)
    asked = [*WORDS, "unknown"]
    np.testing.assert_array_equal(found.vectors(asked), vectors.vectors(asked))
    for name in ("counts", "row_of"):
        np.testing.assert_array_equal(getattr(found, name), getattr(vectors, name))
    assert set(os.listdir(path)) == FILES


def test_int8_is_within_half_a_step_and_smaller(path):
    vectors = WordVectors(WORDS, ROWS, ngrams=NgramRows(TABLE, 2, 3))
    sizes = {}
    for precision in ("float32", "int8"):
        vectors.to_disk(path, precision=precision)
        sizes[precision] = (path / "vectors.safetensors").stat().st_size
    found = WordVectors.from_disk(path)
    for got, wanted in ((found.rows, ROWS), (found.ngrams.rows, TABLE)):
        step = np.abs(wanted).max(axis=1, keepdims=True) / 127
        assert got.dtype == np.float32
        assert (np.abs(got - wanted) <= step * 0.5001).all()
        assert (got != wanted).any()
    assert sizes["int8"] < sizes["float32"]


def test_rows_of_zeros_stay_zeros_in_int8(path):
    WordVectors(["a"], np.zeros((1, 4), np.float32)).to_disk(path, precision="int8")
    assert not WordVectors.from_disk(path).rows.any()


def test_an_unknown_precision_is_refused_before_anything_is_written(path):
    with pytest.raises(RangeError, match="precision"):
        FULL.to_disk(path / "deep", precision="int4")
    assert not path.exists()


def test_an_older_folder_or_an_empty_one_is_replaced(path):
    path.mkdir()
    FULL.to_disk(path)
    FLORET.to_disk(path)
    assert len(WordVectors.from_disk(path)) == 0


def test_something_else_is_not_replaced(path):
    path.mkdir()
    (path / "notes").write_text("mine")
    with pytest.raises(WeightsError, match="vectors: expected a new folder"):
        FULL.to_disk(path)
    assert os.listdir(path) == ["notes"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize("name", sorted(FILES))
def test_writing_that_fails_leaves_the_old_one_whole(path, monkeypatch, name, error):
    write_whole = folders.write_whole

    def fails(file, write):
        if file.name == name:
            raise error
        write_whole(file, write)

    FULL.to_disk(path)
    monkeypatch.setattr(folders, "write_whole", fails)
    for place in (path, path.with_name("new")):
        with pytest.raises(error):
            FLORET.to_disk(place)
    assert os.listdir(path.parent) == ["vectors"]
    assert same(WordVectors.from_disk(path), FULL)


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_is_named(path, name):
    FULL.to_disk(path)
    (path / name).unlink()
    with pytest.raises(WeightsError, match=f"{name}: expected .* could not read"):
        WordVectors.from_disk(path)


def test_a_missing_folder_is_named(path):
    with pytest.raises(WeightsError, match=r"settings\.json: expected the settings"):
        WordVectors.from_disk(path)


@pytest.mark.parametrize("name", ["vectors.safetensors", "words.txt"])
def test_a_flipped_bit_anywhere_is_refused_with_its_file(path, name):
    FULL.to_disk(path)
    content = (path / name).read_bytes()
    for place in range(0, len(content), 7):
        damaged = bytearray(content)
        damaged[place] ^= 1
        (path / name).write_bytes(damaged)
        with pytest.raises(WeightsError, match=f"{name}: its SHA-256 is not"):
            WordVectors.from_disk(path)


def settings_of(path):
    return json.loads((path / "settings.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "change",
    [
        {"form": "salience-vectors-9"},
        {"form": None},
        {"sha256": {}},
        {"sha256": ["vectors.safetensors", "words.txt"]},
        {"sha256": None},
        {"sha256": {"../secret": "", "words.txt": ""}},
    ],
)
def test_a_foreign_form_is_refused(path, change):
    FULL.to_disk(path)
    (path / "settings.json").write_text(json.dumps(settings_of(path) | change))
    with pytest.raises(WeightsError, match=r"settings\.json: expected the settings"):
        WordVectors.from_disk(path)


@pytest.mark.parametrize("content", ["", "[]", "1", '{"form"', "[" * 100_000, "\xff"])
def test_settings_that_are_no_such_json_are_refused(path, content):
    FULL.to_disk(path)
    (path / "settings.json").write_bytes(content.encode("latin-1"))
    with pytest.raises(WeightsError, match=r"settings\.json: expected the settings"):
        WordVectors.from_disk(path)


@pytest.mark.parametrize(
    "ngrams",
    [[2, 3], {"shortest": 2}, {"shortest": 3, "longest": 2}, {"shortest": "2", "longest": 3},
     {"shortest": 2, "longest": 3, "hashing": "md5"}, {"shortest": 2, "longest": 3, "more": 1}],
)  # fmt: skip
def test_settings_of_ngrams_that_are_not_valid_are_refused(path, ngrams):
    FULL.to_disk(path)
    (path / "settings.json").write_text(json.dumps(settings_of(path) | {"ngrams": ngrams}))
    with pytest.raises(WeightsError, match="vectors: expected a folder of word vectors"):
        WordVectors.from_disk(path)


def with_right_digests(path):
    digests = {name: digest(path / name) for name in ("vectors.safetensors", "words.txt")}
    (path / "settings.json").write_text(json.dumps(settings_of(path) | {"sha256": digests}))


@pytest.mark.parametrize(
    "change",
    [
        {"rows": ROWS[0]},
        {"rows": ROWS.astype(np.int8)},
        {"rows": ROWS.astype(np.int8), "rows_scale": np.float32(1)},
        {"row_of": np.array([0, 1, 7])},
        {"counts": np.array([1])},
        {"ngrams": TABLE[:, :2].copy()},
        {"other": ROWS, "rows": None},
        {"ngrams": None},
    ],
)
def test_tensors_that_do_not_fit_are_refused_though_the_digests_are_right(path, change):
    FULL.to_disk(path)
    tensors = load_file(path / "vectors.safetensors") | change
    given = {name: np.asarray(array) for name, array in tensors.items() if array is not None}
    save_file(given, path / "vectors.safetensors")
    with_right_digests(path)
    with pytest.raises(WeightsError, match="vectors: expected a folder of word vectors"):
        WordVectors.from_disk(path)


@pytest.mark.parametrize("words", [b"sea\nhill\n", b"sea\nsea\nhill\n", b"sea\n\xff\nhill\n", b"x"])
def test_words_that_do_not_fit_are_refused_though_the_digests_are_right(path, words):
    FULL.to_disk(path)
    (path / "words.txt").write_bytes(words)
    with_right_digests(path)
    with pytest.raises(WeightsError, match="vectors: expected a folder of word vectors"):
        WordVectors.from_disk(path)
