"""The whole encoder that learns, of every kind: results and gradients are its formula's."""

import numpy as np
import pytest

from salience.layers.encoder import Lookup, build_layers, encode, initialize
from salience.layers.tensors import load, parameters_of, stored
from salience.layers.word_rows import WordRows
from salience.model.parameters import read_parameters
from salience.testing import random_floats, random_starts
from salience.types import Tokens

from ..encoder.test_forms import ENCODERS, batch_of, tokens_of, weights_of
from ..helpers import same_bits
from ..ops.gradients import assert_gradients
from .formulas import encoder, key

every_encoder = pytest.mark.parametrize("name", ENCODERS)


def learning(name):
    """Layers of which everything learns, and their word rows."""
    p = read_parameters(weights_of(ENCODERS[name]))
    words = None
    if p.words:
        weights = None if p.word_weights is None else p.word_weights[:, None]
        words = WordRows(
            p.words.table(), weights, learns=True, factor=p.settings.word_factor
        )  # fmt: skip
    layers = build_layers(p.settings, words)
    load(layers, p.tensors)
    return layers


def numbers_of(layers):
    """All that learns in float64, by the names that the formula has for it."""
    found = {
        key(each.layer, each.name): each.layer.get_param(each.name).astype(np.float64)
        for each in parameters_of(layers).values()
    }
    if layers.words:
        found["table"] = layers.words.table.table.astype(np.float64)
        found["logits"] = layers.words.logits.table.astype(np.float64)
    return found


def gradients_of(layers):
    """All gradients by the same names; what has none is left out."""
    found = {
        key(each.layer, each.name): each.layer.get_grad(each.name).copy()
        for each in parameters_of(layers).values()
        if each.layer.has_grad(each.name)
    }
    for name, (rows, gradient) in layers.words.take_gradients().items() if layers.words else ():
        found[name] = np.zeros_like(getattr(layers.words, name).table)
        assert len(np.unique(rows)) == len(rows)
        found[name][rows] = gradient
    return found


@every_encoder
@pytest.mark.parametrize("is_train", [False, True])
def test_an_encoder_is_its_formula(name, is_train):
    layers, batch = learning(name), batch_of(ENCODERS[name])
    factor = layers.words.factor if layers.words else 1
    want = encoder(layers, numbers_of(layers), batch, factor)
    for got, expected in zip(encode(layers, batch, is_train)[0], want, strict=True):
        assert got.dtype == np.float32
        assert got.shape == expected.shape
        scale = max(1, np.abs(expected).max())
        np.testing.assert_allclose(got / scale, expected / scale, atol=3e-6)


TAUGHT = [
    (name, taught)
    for name, settings in ENCODERS.items()
    for taught in (("v", "d", "v and d") if settings.pooling == "salience" else ("v",))
]


@pytest.mark.parametrize(("name", "taught"), TAUGHT)
def test_gradients_of_all_that_learns_are_finite_differences(name, taught):
    settings, layers, batch = ENCODERS[name], learning(name), batch_of(ENCODERS[name])
    encoded, backprop = encode(layers, batch, is_train=True)
    d_v = random_floats(*encoded.vectors.shape, seed=1) * np.float32("v" in taught)
    d_d = random_floats(*encoded.documents.shape, seed=2) * np.float32("d" in taught)
    backprop(d_v if "v" in taught else None, d_d if "d" in taught else None)
    numbers, factor = numbers_of(layers), layers.words.factor if layers.words else 1

    def loss(**p):
        v, _, _, d = encoder(layers, p, batch, factor)
        return ((v * d_v).sum() + (d * d_d).sum()) / settings.scale

    gradients = {
        name: gradient.astype(np.float64) / settings.scale
        for name, gradient in gradients_of(layers).items()
    }
    missing = set(numbers) - set(gradients)
    if "d" in taught:  # every part of it has a say
        assert not missing
    else:
        pooled = set() if layers.pooling is None else {key(layers.pooling, n) for n in "uP"}
        assert missing <= {"logits", *pooled}
    assert_gradients(loss, numbers, gradients, 2e-3)


def test_what_is_not_taught_has_no_gradient():
    layers, batch = learning("two"), batch_of(ENCODERS["two"])
    layers.words.learns = False
    encoded, backprop = encode(layers, batch, is_train=True)
    backprop(encoded.vectors, encoded.documents)
    assert set(gradients_of(layers)) == set(numbers_of(layers)) - {"table", "logits"}


@every_encoder
def test_a_document_s_results_are_those_it_has_alone(name):
    layers, batch = learning(name), batch_of(ENCODERS[name])
    whole, _ = encode(layers, batch, is_train=False)
    for number in range(len(batch.starts) - 1):
        first, last = batch.starts[number : number + 2]
        alone = Lookup(batch.tokens, batch.places[first:last], random_starts([last - first]))
        found, _ = encode(layers, alone, is_train=False)
        own = [each[first:last] for each in whole[:3]]
        assert same_bits(tuple(found), (*own, whole.documents[number : number + 1]))


@every_encoder
@pytest.mark.parametrize("lengths", [[], [0], [0, 0]])
def test_nothing_gives_nothing(name, lengths):
    settings, layers = ENCODERS[name], learning(name)
    batch = Lookup(tokens_of(settings), np.zeros(0, dtype=np.int64), random_starts(lengths))
    encoded, backprop = encode(layers, batch, is_train=True)
    width = settings.document_width or settings.width
    assert [each.shape for each in encoded] == [
        (0, settings.width), (0,), (0,), (len(lengths), width)
    ]  # fmt: skip
    assert not encoded.documents.any()
    backprop(encoded.vectors, encoded.documents if layers.pooling else None)
    assert not any(gradient.any() for gradient in gradients_of(layers).values())


@every_encoder
def test_what_was_stored_is_what_was_loaded(name):
    weights, layers = weights_of(ENCODERS[name]), learning(name)
    found = stored(layers)
    assert set(found) == set(ENCODERS[name].tensors())
    for each, array in found.items():
        np.testing.assert_allclose(array, weights.tensors[each], rtol=2e-7)
    load(layers, found)
    assert same_bits(tuple(stored(layers).values()), tuple(found.values()))


@every_encoder
def test_a_fresh_start_has_all_parameters_and_an_even_pooling(name):
    settings, tokens = ENCODERS[name], tokens_of(ENCODERS[name])
    words = WordRows(random_floats(71, 11 if settings.projected else 8)) if settings.words else None
    layers = build_layers(settings, words)
    initialize(layers, tokens)
    assert all(np.isfinite(array).all() for array in stored(layers).values())
    encoded, _ = encode(layers, batch_of(settings), is_train=False)
    if layers.pooling:
        np.testing.assert_allclose(encoded.salience[:5], 0.2, rtol=1e-6)


def test_words_that_come_with_their_vectors_say_how_wide_they_are():
    settings = ENCODERS["projected words"]
    layers = build_layers(settings)
    tokens = Tokens(random_floats(8, 7), tokens_of(settings).attributes)
    initialize(layers, tokens)
    assert stored(layers)["word_weight"].shape == (8, 7)
    batch = batch_of(settings)._replace(tokens=tokens)
    p = {**numbers_of(layers)}
    want = encoder(layers, p, batch)
    for got, expected in zip(encode(layers, batch, is_train=False)[0], want, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-5)
