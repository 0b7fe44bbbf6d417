import os
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

from salience.encoder.encoder import Encoder
from salience.errors import WeightsError
from salience.model import weights as files
from salience.model.weights import FORMATS, Weights, from_bytes
from salience.testing import random_floats, random_weights

DTYPES = ("int8", "uint8", "float16", "float32", "int64", "bool")
SETTINGS = {"buckets": 50, "window": None, "causal": False, "name": "é\n", "rate": 0.1}


def example():
    numbers = 3 * random_floats(4, 5)
    return Weights(
        {f"of_{dtype}": np.abs(numbers).astype(dtype) for dtype in DTYPES}
        | {"empty": np.zeros((0, 3), np.float32)},
        SETTINGS,
    )


def assert_equal(got, want):
    assert got.settings == want.settings
    assert set(got.tensors) == set(want.tensors)
    for name, array in want.tensors.items():
        assert got.tensors[name].dtype == array.dtype
        np.testing.assert_array_equal(got.tensors[name], array)


def test_bytes_bring_back_what_went_in():
    assert_equal(from_bytes(example().to_bytes()), example())


def test_a_file_brings_back_what_went_in(tmp_path):
    path = tmp_path / "new folder" / "model.safetensors"
    files.save(example(), path)
    assert_equal(files.load(path), example())
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_file_is_plain_safetensors(tmp_path):
    files.save(example(), tmp_path / "m")
    assert set(safetensors.numpy.load_file(tmp_path / "m")) == set(example().tensors)


def test_the_same_weights_are_the_same_bytes():
    shuffled = dict(reversed(example().tensors.items()))
    assert Weights(shuffled, SETTINGS).digest() == example().digest()
    assert example().to_bytes() == example().to_bytes()


def test_the_layout_in_memory_does_not_count():
    strided = {name: np.asfortranarray(array) for name, array in example().tensors.items()}
    assert Weights(strided, SETTINGS).digest() == example().digest()
    assert_equal(from_bytes(Weights(strided, SETTINGS).to_bytes()), example())


def test_numbers_in_another_byte_order_come_back():
    foreign = Weights({"a": np.arange(4, dtype=">f4")}, {})
    assert from_bytes(foreign.to_bytes()).tensors["a"].tolist() == [0, 1, 2, 3]


def changed(name, array):
    return Weights({**example().tensors, name: array}, SETTINGS)


@pytest.mark.parametrize(
    "other",
    [
        Weights(example().tensors, {**SETTINGS, "buckets": 51}),
        Weights({n: a for n, a in example().tensors.items() if n != "of_int8"}, SETTINGS),
        changed("of_float32", example().tensors["of_float32"].reshape(5, 4)),
        changed("of_int8", example().tensors["of_int8"].view(np.uint8)),
        changed("of_float32", np.nextafter(example().tensors["of_float32"], np.float32(9))),
        changed("extra", np.zeros(0, np.float32)),
    ],
)
def test_any_change_changes_the_digest(other):
    assert other.digest() != example().digest()


@pytest.mark.parametrize("failing", ["fsync", "replace"])
def test_a_failed_save_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, failing):
    path = tmp_path / "model.safetensors"
    files.save(example(), path)

    def fail(*args):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, failing, fail)
    with pytest.raises(OSError, match="the disk is full"):
        files.save(changed("extra", np.zeros(1000, np.float32)), path)
    assert_equal(files.load(path), example())
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_what_cannot_be_written_leaves_no_file(tmp_path):
    with pytest.raises(TypeError):
        files.save(Weights({}, {"settings": object()}), tmp_path / "m")
    assert list(tmp_path.iterdir()) == []


def refusal(path):
    with pytest.raises(WeightsError) as caught:
        files.load(path)
    assert str(caught.value).startswith(f"{path}: expected ")
    return str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    assert "No such file" in refusal(tmp_path / "none")
    assert "check the path" in refusal(tmp_path)


def test_another_s_safetensors_file_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(3)}, path)
    assert "another program made it (its tensors: a)" in refusal(path)


def test_another_version_s_file_is_refused(tmp_path, monkeypatch):
    path = Path(tmp_path, "m")
    monkeypatch.setattr(files, "FORMATS", ("salience-99", "salience-99"))
    files.save(example(), path)
    monkeypatch.undo()
    text = refusal(path)
    assert (
        f"weights of the format {FORMATS[-1]}, got 'salience-99'; load them with the version"
        in text
    )


def test_a_language_is_a_setting_and_survives():
    weights = Weights({"a": np.zeros(2)}, {"window": 3})
    chinese = weights.made_for("zh")
    assert weights.language is None
    assert from_bytes(chinese.to_bytes()).language == "zh"
    assert chinese.settings == {"window": 3, "language": "zh"}
    assert chinese.made_for("de").language == "de"
    assert chinese.digest() != weights.digest()


@pytest.mark.parametrize("language", [5, ["en"], "", "../en", "a b", True, "e\0n"], ids=ascii)
def test_what_is_no_language_is_refused(language):
    weights = random_weights(["a"])
    bad = Weights(weights.tensors, {**weights.settings, "language": language})
    for use in (lambda: bad.language, lambda: Encoder(bad)):
        with pytest.raises(WeightsError, match="'language' must be the code of a language"):
            use()


def test_the_order_of_settings_changes_neither_file_nor_digest():
    one = example()
    other = Weights(one.tensors, dict(reversed(list(one.settings.items()))))
    assert list(other.settings) != list(one.settings)
    assert other.digest() == one.digest()
    assert other.to_bytes() == one.to_bytes()
