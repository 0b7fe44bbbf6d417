"""Pipelines and Docs keep their results on every way out and back."""

import pickle
import random

import numpy as np
import pytest
import spacy
from spacy.tokens import Doc, DocBin

from salience.errors import WeightsError
from salience.model.weights import save
from spacy_salience import attach, similarity, vector_of
from spacy_salience.models.served import weights_of

from ..conftest import TEXTS, pipeline
from ..models.test_network import network_pipeline


def equal(nlp, other):
    for a, b in zip(nlp.pipe(TEXTS), other.pipe(TEXTS), strict=True):
        np.testing.assert_array_equal(a.tensor, b.tensor)
        np.testing.assert_array_equal(a._.salience, b._.salience)


def test_pipeline_to_disk(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    equal(nlp, spacy.load(tmp_path / "pipeline"))


def test_pipeline_to_bytes(nlp, en_small):
    other = spacy.blank("en")
    other.add_pipe("salience")  # another width, which the bytes replace
    other.from_bytes(nlp.to_bytes())
    equal(nlp, other)
    assert other.get_pipe("salience").model.get_dim("nO") == 16


def test_pipeline_by_pickle(nlp):
    equal(nlp, pickle.loads(pickle.dumps(nlp)))


def test_pipeline_is_loaded_without_the_file_it_was_made_from(nlp, tmp_path, monkeypatch):
    weights = tmp_path / "own.safetensors"
    save(weights_of(nlp.get_pipe("salience").model), weights)
    monkeypatch.chdir(tmp_path)
    pipeline(weights.name).to_disk(tmp_path / "pipeline")
    weights.unlink()
    equal(nlp, spacy.load(tmp_path / "pipeline"))


def test_a_missing_file_is_named_when_the_model_is_used():
    nlp = pipeline("/no/such.safetensors")
    with pytest.raises(WeightsError, match=r"^/no/such\.safetensors: expected a file"):
        nlp("a cat")


def test_exclude_may_be_any_iterable(nlp, tmp_path):
    component = nlp.get_pipe("salience")
    component.to_disk(tmp_path / "c", exclude=(name for name in ["model", "vocab"]))
    assert not list((tmp_path / "c").glob("*.safetensors"))
    small = component.to_bytes(exclude=(name for name in ["model", "vocab"]))
    assert b"word_weights" not in small


@pytest.mark.parametrize("learns", [False, True])
def test_the_vocab_is_left_out_where_it_is_excluded(nlp, model_file, tmp_path, learns):
    made = network_pipeline(model_file, "file") if learns else nlp
    component, other = made.get_pipe("salience"), pickle.loads(pickle.dumps(made))
    made.vocab.strings.add("harbour")
    for number, exclude in enumerate(([], ["vocab"])):
        component.to_disk(tmp_path / "c", exclude=["vocab"])
        assert not (tmp_path / "c" / "vocab").exists()
        loaded = pickle.loads(pickle.dumps(other)).get_pipe("salience")
        loaded.from_bytes(component.to_bytes(), exclude=exclude)
        assert ("harbour" in loaded.vocab.strings) == (number == 0)
        loaded = pickle.loads(pickle.dumps(other)).get_pipe("salience")
        loaded.from_bytes(component.to_bytes(exclude=exclude))
        assert ("harbour" in loaded.vocab.strings) == (number == 0)


def test_pipeline_sourced_from_another(nlp):
    other = spacy.blank("en")
    other.add_pipe("salience", source=nlp)
    equal(nlp, other)


def restored(nlp, doc, way):
    if way == "to_bytes":
        return Doc(nlp.vocab).from_bytes(doc.to_bytes())
    if way == "pickle":
        return pickle.loads(pickle.dumps(doc))
    content = DocBin(docs=[doc], store_user_data=True).to_bytes()
    return next(iter(DocBin().from_bytes(content).get_docs(nlp.vocab)))


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["to_bytes", "pickle", "docbin"])
def test_doc_keeps_its_results(nlp, way):
    doc, other = nlp(TEXTS[1]), nlp(TEXTS[0])
    back = restored(nlp, doc, way)
    np.testing.assert_array_equal(back._.salience, doc._.salience)
    np.testing.assert_array_equal(back._.attention, doc._.attention)
    assert similarity(back, other) == doc.similarity(other)
    assert attach(back).similarity(other) == doc.similarity(other)


@pytest.mark.filterwarnings("ignore:.*W109.*")
@pytest.mark.parametrize("way", ["to_bytes", "docbin"])
def test_reading_a_result_brings_the_hooks_back(nlp, way):
    doc, other = nlp(TEXTS[1]), nlp(TEXTS[0])
    back = restored(nlp, doc, way)
    assert not back.user_hooks
    assert back._.salience is not None
    assert back.similarity(other) == doc.similarity(other)


def test_docbin_has_no_tensor_and_says_so(nlp):
    back = restored(nlp, nlp(TEXTS[1]), "docbin")
    with pytest.raises(ValueError, match="DocBin"):
        vector_of(back[0])


@pytest.fixture
def saved(nlp, tmp_path):
    nlp.to_disk(tmp_path / "pipeline")
    return tmp_path / "pipeline", tmp_path / "pipeline" / "salience" / "model.safetensors"


@pytest.mark.parametrize("kept", [0, 7, 100, 0.5, 0.999])
def test_truncated_weights_are_refused_by_name(saved, kept):
    folder, file = saved
    content = file.read_bytes()
    file.write_bytes(content[: int(kept * len(content)) if kept < 1 else kept])
    with pytest.raises(WeightsError, match=r"model\.safetensors.*(save the model again)"):
        spacy.load(folder)


def test_a_flipped_bit_is_refused_by_name(saved):
    folder, file = saved
    content = bytearray(file.read_bytes())
    for place in random.Random(0).sample(range(600, len(content)), 5):
        content[place] ^= 4
        file.write_bytes(content)
        with pytest.raises(WeightsError, match=r"model\.safetensors.*damaged"):
            spacy.load(folder)
        content[place] ^= 4


def test_missing_weights_are_refused_by_name(saved):
    folder, file = saved
    file.unlink()
    with pytest.raises(WeightsError, match=r"model\.safetensors.*check the path"):
        spacy.load(folder)


def test_a_failed_load_changes_nothing(nlp, saved, tmp_path):
    _, file = saved
    before = nlp(TEXTS[0]).tensor
    file.write_bytes(b"junk")
    with pytest.raises(WeightsError):
        nlp.get_pipe("salience").from_disk(file.parent)
    np.testing.assert_array_equal(nlp(TEXTS[0]).tensor, before)


def test_damaged_bytes_are_refused(nlp, model_file):
    other = pipeline(model_file)
    content = other.get_pipe("salience").to_bytes()
    for damaged in (content.replace(b"word_weights", b"worm_weights"), content[:99], b"", b"junk"):
        with pytest.raises(WeightsError, match=r"^salience: cannot load these bytes"):
            other.get_pipe("salience").from_bytes(damaged)
