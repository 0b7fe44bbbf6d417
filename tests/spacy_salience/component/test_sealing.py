"""Any bit that is flipped in what a component saved is refused, and what was saved before loads."""

import random

import numpy as np
import pytest
import spacy
import srsly
from spacy.pipeline.tok2vec import Tok2Vec

from salience.errors import WeightsError
from spacy_salience.annotations import stamps
from spacy_salience.component.sealing import sealed, unsealed

from ..models.test_network import VARIANTS, network_pipeline
from ..models.test_network_loading import OTHERWISE

KNOWN = {"a", "b"}


@pytest.fixture(params=["frozen", "learning"])
def made(request, nlp, model_file):
    return nlp if request.param == "frozen" else network_pipeline(model_file, "file")


def flips(content, most=400):
    """The content with one bit flipped: all of its first and last bytes, and some between."""
    length = len(content)
    ends = {*range(min(60, length)), *range(max(0, length - 140), length)}
    some = random.Random(0).sample(range(length), min(most, length))
    for place in sorted(ends | set(some)):
        for bit in range(8) if place in ends else [place % 8]:
            changed = bytearray(content)
            changed[place] ^= 1 << bit
            yield bytes(changed)


def test_every_flipped_bit_of_a_map():
    content = sealed(srsly.msgpack_dumps({"a": b"12345", "b": [1.5, {"c": 3}]}))
    assert unsealed(content, KNOWN) == {"a": b"12345", "b": [1.5, {"c": 3}]}
    for changed in flips(content):
        with pytest.raises(Exception):  # noqa: B017, PT011 - msgpack's own are as good
            unsealed(changed, KNOWN)


def test_it_is_a_map_with_one_entry_more():
    content = sealed(srsly.msgpack_dumps({"a": 1}))
    assert srsly.msgpack_loads(content) == {"a": 1, "sha256": content[-64:].decode()}


def test_maps_without_a_digest_have_what_is_known():
    assert unsealed(srsly.msgpack_dumps({"a": 1}), KNOWN) == {"a": 1}
    for other in ({"a": 1, "c": 2}, ["a"], "a", 5):
        with pytest.raises(WeightsError, match="expected a map of a, b, found other content"):
            unsealed(srsly.msgpack_dumps(other), KNOWN)


def test_every_flipped_bit_of_bytes(made):
    component = made.get_pipe("salience")
    content = component.to_bytes(exclude=["vocab"])
    before = made("the cat").tensor
    for changed in flips(content, 60):
        with pytest.raises(WeightsError, match=r"^salience: cannot load these bytes"):
            component.from_bytes(changed)
    np.testing.assert_array_equal(made("the cat").tensor, before)
    component.from_bytes(content)


def test_every_flipped_bit_of_each_file(made, tmp_path):
    component = made.get_pipe("salience")
    component.to_disk(tmp_path, exclude=["vocab"])
    before = made("the cat").tensor
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["cfg", "model.safetensors"]
    for file in files:
        content = file.read_bytes()
        for changed in flips(content, 60):
            file.write_bytes(changed)
            with pytest.raises(WeightsError, match=f"cannot load .*{file.name}"):
                component.from_disk(tmp_path, exclude=["vocab"])
        file.write_bytes(content)
    np.testing.assert_array_equal(made("the cat").tensor, before)
    component.from_disk(tmp_path, exclude=["vocab"])


def as_before(folder, content):
    """Put a model there as older versions saved an encoder that learns: as thinc writes it."""
    (folder / "model.safetensors").unlink(missing_ok=True)
    (folder / "model").write_bytes(content)


@pytest.mark.parametrize("digest", [False, True])
@pytest.mark.parametrize("variant", VARIANTS)
def test_what_thinc_wrote_is_loaded(model_file, tmp_path, variant, digest):
    nlp = network_pipeline(model_file, variant)
    nlp.to_disk(tmp_path)
    component = nlp.get_pipe("salience")
    content = component.model.to_bytes()
    as_before(tmp_path / "salience", sealed(content) if digest else content)
    want = nlp("the cat sat")
    found = spacy.load(tmp_path)("the cat sat")
    np.testing.assert_array_equal(found.tensor, want.tensor)
    assert stamps.model_of(found) == stamps.model_of(want)
    content = Tok2Vec.to_bytes(component)
    component.from_bytes(sealed(content) if digest else content)
    np.testing.assert_array_equal(nlp("the cat sat").tensor, want.tensor)


def test_what_was_loaded_from_before_is_saved_as_today(model_file, tmp_path):
    nlp = network_pipeline(model_file, "file")
    component, want = nlp.get_pipe("salience"), nlp("the cat sat").tensor
    component.to_disk(tmp_path)
    as_before(tmp_path, sealed(component.model.to_bytes()))
    other = network_pipeline(model_file, "file", dropout=0.1).get_pipe("salience")
    other.from_disk(tmp_path).to_disk(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["cfg", "model.safetensors", "vocab"]
    nlp.get_pipe("salience").from_disk(tmp_path)
    np.testing.assert_array_equal(nlp("the cat sat").tensor, want)


def test_every_flipped_bit_of_what_thinc_wrote(model_file, tmp_path):
    nlp = network_pipeline(model_file, "file")
    component, before = nlp.get_pipe("salience"), nlp("the cat").tensor
    component.to_disk(tmp_path, exclude=["vocab"])
    for changed in flips(sealed(component.model.to_bytes()), 60):
        as_before(tmp_path, changed)
        with pytest.raises(WeightsError, match=r"cannot load .*model: "):
            component.from_disk(tmp_path, exclude=["vocab"])
    np.testing.assert_array_equal(nlp("the cat").tensor, before)


@pytest.mark.parametrize("name", OTHERWISE)
def test_what_thinc_wrote_of_another_encoder_is_refused_and_nothing_changes(
    model_file, tmp_path, name
):
    saved = network_pipeline(model_file).get_pipe("salience")
    nlp = network_pipeline(model_file, **OTHERWISE[name])
    component, before = nlp.get_pipe("salience"), nlp("the cat").tensor
    as_before(tmp_path, saved.model.to_bytes())
    with pytest.raises(WeightsError, match=r"^salience: cannot load .*model: "):
        component.from_disk(tmp_path, exclude=["vocab", "cfg"])
    np.testing.assert_array_equal(nlp("the cat").tensor, before)


def test_settings_of_a_component_come_back(made, tmp_path):
    component = made.get_pipe("salience")
    component.cfg["of mine"] = [1, "é"]
    component.to_disk(tmp_path)
    component.cfg.clear()
    component.from_disk(tmp_path)
    assert component.cfg == {"of mine": [1, "é"]}
