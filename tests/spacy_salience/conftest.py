"""Pipelines that the plugin's tests share."""

import pytest
import spacy

from salience.model.weights import save
from salience.testing import random_weights

WORDS = "the a cat dog sat on mat house of and , . it was warm cold".split()
TEXTS = [
    "The cat sat on the mat.",
    "It was warm, and the dog slept in the house of the cat.",
    "",
    "Quarterly earnings surprised nobody.",
    "cold " * 70,
]


@pytest.fixture(scope="session")
def model_file(tmp_path_factory):
    """A small model in which recurrence, attention and fusion all contribute."""
    path = tmp_path_factory.mktemp("model") / "small.safetensors"
    save(random_weights(WORDS), path)
    return path


@pytest.fixture
def nlp(model_file):
    return pipeline(model_file)


@pytest.fixture(scope="session")
def en_small():
    """spaCy with the embedded model, as a user gets it."""
    nlp = spacy.blank("en")
    nlp.add_pipe("salience")
    return nlp


def pipeline(model_file):
    nlp = spacy.blank("en")
    nlp.add_pipe("salience", config={"model": {"pretrained": str(model_file)}})
    return nlp
