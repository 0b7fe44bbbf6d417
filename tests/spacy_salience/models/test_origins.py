"""A saved pipeline is loaded whatever has become of the file that it was made from."""

import numpy as np
import pytest
import safetensors.numpy
import spacy

from salience.errors import RangeError, ShapeError, WeightsError
from salience.model import pretrained
from salience.model.weights import Weights, save
from salience.testing import random_weights
from spacy_salience.models.origins import made_of

from ..conftest import TEXTS, WORDS
from .test_network import SMALL

EMPTIED = {"table": np.zeros((0, 0), np.float32)}


def truncated(path):
    path.write_bytes(path.read_bytes()[:-9])


def flipped(path):
    content = bytearray(path.read_bytes())
    content[-40] ^= 4
    path.write_bytes(content)


def a_folder(path):
    path.unlink()
    path.mkdir()


DAMAGE = {
    "gone": lambda path: path.unlink(),
    "truncated": truncated,
    "flipped": flipped,
    "empty": lambda path: path.write_bytes(b""),
    "a text": lambda path: path.write_text("dear diary"),
    "a folder": a_folder,
    "a link to nothing": lambda path: (path.unlink(), path.symlink_to(path.parent / "nothing")),
    "another's": lambda path: safetensors.numpy.save_file({"a": np.zeros(3)}, path),
    "a checkpoint": lambda path: save(Weights({"0/w": np.zeros(3)}, {"step": 3}), path),
    "no settings": lambda path: save(Weights(random_weights(WORDS).tensors, {}), path),
    "other shapes": lambda path: save(Weights(EMPTIED, random_weights(WORDS).settings), path),
}


def config(kind, path):
    return {"pretrained": str(path)} if kind == "frozen" else {**SMALL, "words": str(path)}


def made(kind, path):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": config(kind, path)})
    return nlp


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("kind", ["frozen", "learning"])
def test_the_saved_copy_counts(tmp_path, kind, damage):
    path = tmp_path / "own.safetensors"
    save(random_weights(WORDS), path)
    nlp = made(kind, path)
    nlp.initialize()
    want = [doc.tensor for doc in nlp.pipe(TEXTS)]
    nlp.to_disk(tmp_path / "pipeline")
    DAMAGE[damage](path)
    nlp = spacy.load(tmp_path / "pipeline")
    again = spacy.blank("en").from_config(nlp.config).from_bytes(nlp.to_bytes())
    for loaded in (nlp, again):
        for doc, tensor in zip(loaded.pipe(TEXTS), want, strict=True):
            np.testing.assert_array_equal(doc.tensor, tensor)


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("kind", ["frozen", "learning"])
def test_without_a_copy_the_reason_is_told_when_it_is_used(tmp_path, kind, damage):
    path = tmp_path / "own.safetensors"
    save(random_weights(WORDS), path)
    DAMAGE[damage](path)
    with pytest.raises(WeightsError, match=r"own\.safetensors: "):
        use(made(kind, path))


def use(nlp):
    nlp.initialize()
    return nlp("the cat")


def test_the_embedded_model_s_file_is_such_a_file(tmp_path, monkeypatch):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience")
    nlp.to_disk(tmp_path)

    def damaged(name):
        raise WeightsError(f"{name}: it is damaged")

    monkeypatch.setattr(pretrained, "_load_embedded", damaged)
    np.testing.assert_array_equal(spacy.load(tmp_path)("a cat").tensor, nlp("a cat").tensor)
    with pytest.raises(WeightsError, match=r"^en_small: it is damaged"):
        use(made("frozen", "en_small"))


@pytest.mark.parametrize("callback", ["load_vectors", "load_encoder"])
def test_what_training_started_from_may_be_damaged_after_it(tmp_path, model_file, callback):
    path = tmp_path / "own.safetensors"
    before, nlp = (made("learning", model_file) for _ in range(2))
    before.initialize()
    before.to_disk(tmp_path / "before")
    name = f"salience.{callback}.v1"
    given = {"path": str(tmp_path / "before")}
    if callback == "load_vectors":
        save(random_weights(WORDS), path)
        given = {"pretrained": str(path)}
    when = "before_init" if callback == "load_vectors" else "after_init"
    nlp.config["initialize"][when] = {"@callbacks": name, **given}
    nlp.initialize()
    nlp.to_disk(tmp_path / "pipeline")
    path.write_text("dear diary")
    (tmp_path / "before" / "salience" / "model").write_text("dear diary")
    np.testing.assert_array_equal(
        spacy.load(tmp_path / "pipeline")("the cat").tensor, nlp("the cat").tensor
    )


@pytest.mark.parametrize("error", [ShapeError, RangeError, WeightsError])
def test_whatever_refuses_a_file_is_told_when_it_is_used(model_file, error):
    def refuse(weights):
        raise error("the table is too wide")

    told = f"{model_file}: the table is too wide"
    assert made_of(str(model_file), refuse) == (None, told)
