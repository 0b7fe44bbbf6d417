"""Teachers that are models on disk, with stand-ins for the packages that run them."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from salience.errors import MissingPackageError, RangeError
from spacy_salience.learning.teachers import find_teacher

TEXTS = ["a", "bbb", "", "cc"]


class Session:
    """Pieces become vectors; what is behind a text's end is nonsense."""

    outputs = 3

    def __init__(self, path, providers):
        assert path.endswith("model.onnx")
        assert providers == ["CPUExecutionProvider"]

    def get_inputs(self):
        return [SimpleNamespace(name=name) for name in ("input_ids", "attention_mask")]

    def run(self, _, given):
        assert set(given) == {"input_ids", "attention_mask"}
        ids, mask = given["input_ids"], given["attention_mask"]
        states = np.stack([ids, ids**2], axis=-1) + 1000 * (1 - mask)[..., None]
        return [states if self.outputs == 3 else states[:, 0]]


class Tokenizer:
    """A piece is a letter, between two marks."""

    @classmethod
    def from_file(cls, path):
        assert path.endswith("tokenizer.json")
        return cls()

    def enable_truncation(self, most):
        self.most = most

    def enable_padding(self):
        self.pads = True

    def encode_batch(self, texts):
        rows = [[1, *(ord(letter) - 95 for letter in text), 1][: self.most] for text in texts]
        longest = max(map(len, rows))
        return [
            SimpleNamespace(
                ids=row + [0] * (longest - len(row)),
                attention_mask=[1] * len(row) + [0] * (longest - len(row)),
                type_ids=[0] * longest,
            )
            for row in rows
        ]


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", SimpleNamespace(InferenceSession=Session))
    monkeypatch.setitem(sys.modules, "tokenizers", SimpleNamespace(Tokenizer=Tokenizer))
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_text("{}")
    return tmp_path / "model.onnx"


def test_an_onnx_model_is_the_mean_of_its_states_in_the_order_of_the_texts(model):
    found = find_teacher(str(model))(TEXTS)
    means = [[1, *(ord(letter) - 95 for letter in text), 1] for text in TEXTS]
    np.testing.assert_allclose(found[:, 0], [np.mean(row) for row in means])
    np.testing.assert_allclose(found[:, 1], [np.mean(np.square(row)) for row in means])


def test_an_onnx_model_that_pools_by_itself(model, monkeypatch):
    monkeypatch.setattr(Session, "outputs", 2)
    np.testing.assert_allclose(find_teacher(str(model))(TEXTS), 1)


def test_an_onnx_model_needs_its_tokenizer(model):
    model.with_name("tokenizer.json").unlink()
    with pytest.raises(RangeError, match=r"tokenizer beside it, found no .*tokenizer\.json"):
        find_teacher(str(model))


def test_what_is_not_installed_is_named(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(MissingPackageError, match=r"needs the package onnxruntime.*salience\[dist"):
        find_teacher(str(model))


def test_a_function_is_found_by_its_name():
    assert find_teacher("numpy:asarray") is np.asarray
