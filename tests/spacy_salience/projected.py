"""Pipelines whose document vectors are in a space of their own: d = P sum_t s_t v_t."""

import pytest
import spacy

from salience.model.settings import BlockSettings, Settings
from salience.model.weights import Weights, save
from salience.testing import random_encoder

from .conftest import WORDS, pipeline

WIDTH = 16
NARROWER, AS_WIDE, WIDER = 5, WIDTH, 23
every_width = pytest.mark.parametrize("width", [NARROWER, AS_WIDE, WIDER])

TEXT, OTHER = "The cats sat on the warm mat.", "It was cold, and the dog slept in the house."
UNKNOWN = "expected the model whose results these are, .* load its pipeline first"


def weights_of(width, seed=0):
    """Those of an encoder with documents of this width; the same without P where None."""
    block = BlockSettings(8, output_gate=True, heads=2, rank=4, window=8)
    settings = Settings(WIDTH, (block,), units=True, document_width=width or WIDTH)
    found = random_encoder(settings, WORDS, seed=seed)
    if width is not None:
        return found
    tensors = {name: found.tensors[name] for name in found.tensors if name != "document_weight"}
    return Weights(tensors, {**found.settings, "document_width": None})


def projected(folder, width, seed=0):
    """A pipeline with documents of this width."""
    path = folder / f"{width}_{seed}.safetensors"
    save(weights_of(width, seed), path)
    return pipeline(path)


def matrix_of(nlp):
    """P [K, D]."""
    return nlp.get_pipe("salience").model.shims[0].served().encoder.document_weight


def learning(folder, width):
    """The same, which goes on to learn."""
    path = folder / f"{width}.safetensors"
    save(weights_of(width), path)
    nlp = spacy.blank("en")
    model = {
        "@architectures": "salience.Encoder.v2", "pretrained": str(path), "learns": "blocks"
    }  # fmt: skip
    nlp.add_pipe("salience", config={"model": model})
    return nlp
