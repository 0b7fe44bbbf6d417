"""Any bit that is flipped in what a component saved is refused, and what was saved before loads."""

import random

import numpy as np
import pytest
import spacy
import srsly
from spacy.pipeline.tok2vec import Tok2Vec

from salience.errors import WeightsError
from spacy_salience.component.sealing import sealed, unsealed

from ..models.test_network import network_pipeline

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
    assert [file.name for file in files] in (["cfg", "model"], ["cfg", "model.safetensors"])
    for file in files:
        content = file.read_bytes()
        for changed in flips(content, 60):
            file.write_bytes(changed)
            with pytest.raises(WeightsError, match=f"cannot load .*{file.name}"):
                component.from_disk(tmp_path, exclude=["vocab"])
        file.write_bytes(content)
    np.testing.assert_array_equal(made("the cat").tensor, before)
    component.from_disk(tmp_path, exclude=["vocab"])


def test_what_was_saved_without_a_digest_is_loaded(model_file, tmp_path):
    nlp = network_pipeline(model_file, "file")
    nlp.to_disk(tmp_path)
    component = nlp.get_pipe("salience")
    (tmp_path / "salience" / "model").write_bytes(component.model.to_bytes())
    want = nlp("the cat sat").tensor
    np.testing.assert_array_equal(spacy.load(tmp_path)("the cat sat").tensor, want)
    component.from_bytes(Tok2Vec.to_bytes(component))
    np.testing.assert_array_equal(nlp("the cat sat").tensor, want)


def test_thinc_reads_what_has_a_digest(model_file, tmp_path):
    """So that a version before reads it, too."""
    component = network_pipeline(model_file, "file").get_pipe("salience")
    component.to_disk(tmp_path)
    other = network_pipeline(model_file, "file").get_pipe("salience")
    other.model.from_disk(tmp_path / "model")
    assert other.model.to_bytes() == component.model.to_bytes()


def test_settings_of_a_component_come_back(made, tmp_path):
    component = made.get_pipe("salience")
    component.cfg["of mine"] = [1, "é"]
    component.to_disk(tmp_path)
    component.cfg.clear()
    component.from_disk(tmp_path)
    assert component.cfg == {"of mine": [1, "é"]}
