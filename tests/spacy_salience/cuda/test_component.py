"""The component with device="cuda"."""

import logging

import numpy as np
import pytest
import spacy

from salience.cuda import places
from salience.model.weights import save
from salience.testing import random_weights
from spacy_salience.component import devices

TEXTS = ["Ice closed the port.", "", "The port was closed by ice and snow.", "Snow!"]


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "tiny.safetensors"
    save(random_weights("ice the port was closed by snow and".split()), path)
    return {"@architectures": "salience.Pretrained.v1", "pretrained": str(path)}


def pipeline(model, device):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": model, "device": device})
    return nlp


def test_documents_are_those_of_the_cpu_and_live_on_the_host(model):
    there, here = (list(pipeline(model, device).pipe(TEXTS)) for device in ("cuda", "cpu"))
    for a, b in zip(there, here, strict=True):
        pairs = [(a.tensor, b.tensor)]
        pairs += [
            (getattr(a._, name), getattr(b._, name))
            for name in ("salience", "salience_vector", "attention")
        ]
        for got, want in pairs:
            assert type(got) is np.ndarray
            assert got.dtype == np.float32
            np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-5)
    assert there[0].similarity(there[2]) == pytest.approx(here[0].similarity(here[2]), abs=1e-5)
    alone = pipeline(model, "cuda")(TEXTS[2])
    np.testing.assert_array_equal(there[2]._.salience, alone._.salience)


def test_a_kept_document_keeps_no_batch(model):
    doc = next(iter(pipeline(model, "cuda").pipe(TEXTS)))
    assert doc.tensor.base is None or doc.tensor.base.nbytes < 2**16


def test_auto_takes_the_gpu_and_says_so_once(model, caplog, monkeypatch):
    from salience.cuda import faults

    monkeypatch.setattr(faults._State, "owner", None)
    monkeypatch.setattr(devices._State, "told", False)
    used = []
    place = places.Place.__init__
    monkeypatch.setattr(
        places.Place, "__init__", lambda *given, **named: used.append(1) or place(*given, **named)
    )
    nlp = pipeline(model, "auto")
    with caplog.at_level(logging.INFO, logger="salience"):
        nlp(TEXTS[0])
        nlp(TEXTS[2])
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith("device='auto': computing on the GPU, ")
    assert used
