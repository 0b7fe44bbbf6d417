"""Weights of which some text would make more than float32 can hold are refused at load."""

import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.errors import WeightsError
from salience.model.pretrained import load
from salience.model.weights import Weights
from salience.ops import cosine_pairs
from salience.testing import random_starts, random_weights
from salience.types import Ragged

WEIGHTS = random_weights(["the", "cat"])


def scaled(size, *names):
    tensors = {name: WEIGHTS.tensors[name] * np.float32(size) for name in names}
    return Weights({**WEIGHTS.tensors, **tensors}, WEIGHTS.settings)


@pytest.mark.parametrize(
    ("size", "names", "part"),
    [
        (1e20, ("table",), "the token vectors"),
        (1e15, ("table", "fusion_weight"), "the token vectors"),
        (1e19, ("fusion_weight",), "the token vectors"),
        (1e20, ("fusion_gate",), "the token vectors"),
        (1e30, ("input_weight", "table"), "the recurrent states"),
        (3e38, ("input_bias",), "the recurrent states"),
        (1e30, ("query", "input_weight"), "the queries"),
        (1e20, ("key", "input_bias"), "the keys"),
        (1e38, ("output_weight",), "the output gate"),
    ],
)
def test_numbers_that_may_overflow_are_refused_by_their_part(size, names, part):
    with pytest.raises(WeightsError, match=f"{part} may reach .*; the training diverged"):
        Encoder(scaled(size, *names))


def test_a_scale_of_a_table_of_whole_numbers_counts():
    rows = len(WEIGHTS.tensors["table"])
    table = {
        "table": np.full_like(WEIGHTS.tensors["table"], 100, dtype=np.int8),
        "table_scale": np.full(rows, 1e20, np.float32),
    }
    with pytest.raises(WeightsError, match="the token vectors may reach"):
        Encoder(Weights({**WEIGHTS.tensors, **table}, WEIGHTS.settings))


def test_the_bias_of_the_gate_and_the_width_of_vectors_count():
    """Just above what is allowed, which neither the product nor one number of a row is alone."""
    table = np.full_like(WEIGHTS.tensors["table"], 1, dtype=np.float32)
    half = {"table": table, "output_weight": np.zeros_like(WEIGHTS.tensors["output_weight"])}
    half["output_weight"][:, 0] = 3e38
    bias = np.full_like(WEIGHTS.tensors["output_bias"], 3e38)
    with pytest.raises(WeightsError, match="the output gate may reach 6e"):
        Encoder(Weights({**WEIGHTS.tensors, **half, "output_bias": bias}, WEIGHTS.settings))
    most = (float(np.finfo(np.float32).max) / table.shape[1]) ** 0.5
    gate = np.full_like(WEIGHTS.tensors["fusion_gate"], most * 0.6)
    with pytest.raises(WeightsError, match="the token vectors may reach"):
        Encoder(Weights({**WEIGHTS.tensors, "table": table, "fusion_gate": gate}, WEIGHTS.settings))


def test_decays_close_to_one_count():
    bias = {"decay": np.full(8, np.nextafter(np.float32(1), np.float32(0)))}
    tensors = {**scaled(1e33, "input_bias").tensors, **bias}
    with pytest.raises(WeightsError, match="the recurrent states may reach"):
        Encoder(Weights(tensors, WEIGHTS.settings))


@pytest.mark.parametrize("size", [1e-30, 1e-15, 1, 1e15])
@pytest.mark.parametrize("name", sorted(set(WEIGHTS.tensors) - {"decay", "words"}))
def test_what_is_not_refused_gives_finite_numbers(size, name):
    encoder = Encoder(scaled(size, name))
    bags = Ragged(np.arange(40) % 50, random_starts([1] * 40))
    encoded = encoder.encode(bags, random_starts([1, 19, 0, 20]))
    assert all(np.isfinite(part).all() for part in encoded)
    documents = encoded.documents
    assert np.isfinite(cosine_pairs(documents, documents[::-1].copy())).all()


def test_the_embedded_model_is_far_from_it():
    tensors = dict(load("en_small").tensors)
    tensors["table_scale"] = tensors["table_scale"] * np.float32(1e6)
    Encoder(Weights(tensors, load("en_small").settings))
