"""The fast forms of every kind of encoder say what its layers say, which define it."""

import dataclasses
from itertools import product

import numpy as np
import pytest

from salience.encoder import Encoder
from salience.encoder.rows import Keyed
from salience.layers.encoder import Lookup, build_layers, encode
from salience.layers.tensors import load
from salience.layers.word_rows import WordRows
from salience.model.parameters import read_parameters
from salience.model.settings import BlockSettings, Settings
from salience.ragged import select
from salience.testing import random_encoder, random_starts
from salience.types import Ragged, Tokens

WORDS = [f"word{i}" for i in range(20)]
LENGTHS = [5, 0, 1, 40, 3]
ROWS = 1 + len(WORDS) + 50


def block(**named):
    return BlockSettings(**{"states": 6, "heads": 2, "rank": 3, "window": 4, **named})


EVERY_BLOCK = [
    block(cell=cell, fusion=fusion, output_gate=gate, heads=heads)
    for cell, fusion, gate, heads in product(
        ("linear", "tanh", "gated"), ("gate", "concat"), (False, True), (0, 2)
    )
] + [block(causal=True), block(window=None), block(normalised=True), block(window=0, states=2)]

ENCODERS = {
    **{f"one {number}": Settings(8, (each,)) for number, each in enumerate(EVERY_BLOCK)},
    "two": Settings(8, (block(output_gate=True), block(cell="gated", fusion="concat"))),
    "three": Settings(8, (block(), block(cell="tanh"), block(cell="gated", heads=0))),
    "received": Settings(8, (block(), block(heads=1)), pooling="received"),
    "even": Settings(8, (block(heads=0),), pooling="received"),
    "projected documents": Settings(8, (block(),), document_width=5, scale=8.0),
    "attributes": Settings(8, (block(),), attributes=(("NORM", 9), ("SHAPE", 4))),
    "attributes alone": Settings(8, (block(),), words=None, attributes=(("NORM", 9),)),
    "projected words": Settings(
        8, (block(),), projected=True, normalised=True, word_factor=2.5,
        attributes=(("NORM", 9),), pooling="received",
    ),
}  # fmt: skip
every_encoder = pytest.mark.parametrize("name", ENCODERS)


def bags_of(count, rows, sizes=(1, 4), seed=0):
    rng = np.random.default_rng(seed)
    starts = random_starts(rng.integers(*sizes, count))
    return Ragged(rng.integers(0, rows, starts[-1]), starts)


def tokens_of(settings, count=8):
    """So many different tokens, as the settings have them embedded."""
    words = bags_of(count, ROWS) if settings.words else None
    rows, size = sum(each for _, each in settings.attributes), 2 * len(settings.attributes)
    attributes = bags_of(count, rows, (size, size + 1), seed=1) if rows else None
    return Tokens(words, attributes)


def weights_of(settings):
    return random_encoder(settings, WORDS, word_width=11 if settings.projected else None)


def rows_of(p):
    weights = None if p.word_weights is None else p.word_weights[:, None]
    return WordRows(p.words.table(), weights, factor=p.settings.word_factor)


def by_layers(weights, batch):
    p = read_parameters(weights)
    layers = build_layers(p.settings, rows_of(p) if p.words else None)
    load(layers, p.tensors)
    return encode(layers, batch, is_train=False)[0]


def by_encoder(weights, batch, device="cpu"):
    """In the fast form: by bags where it takes them, else by keys."""
    encoder, (tokens, places, starts) = Encoder(weights), batch
    if tokens.attributes is None:
        given = select(tokens.words, places)
    else:
        given = Keyed(places.astype(np.uint64), lambda at: some(tokens, places[at]))
    return encoder.encode(given, starts, device=device)


def some(tokens, places):
    return Tokens(*(None if each is None else select(each, places) for each in tokens))


def batch_of(settings):
    places = np.random.default_rng(0).integers(0, 8, sum(LENGTHS))
    return Lookup(tokens_of(settings), places, random_starts(LENGTHS))


def check(name, device):
    weights, batch = weights_of(ENCODERS[name]), batch_of(ENCODERS[name])
    found, wanted = by_encoder(weights, batch, device), by_layers(weights, batch)
    for got, want in zip(found, wanted, strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want, rtol=1e-4, atol=2e-5 * np.abs(want).max(initial=1))


@every_encoder
def test_the_fast_form_says_what_the_layers_say(name):
    check(name, "cpu")


def test_a_scale_changes_no_bit_but_the_exponents():
    settings = ENCODERS["two"]
    batch = batch_of(settings)
    one = by_encoder(weights_of(settings), batch)
    eight = by_encoder(weights_of(dataclasses.replace(settings, scale=8.0)), batch)
    assert (eight.vectors == 8 * one.vectors).all()
    assert (eight.documents == 8 * one.documents).all()
    assert (eight.salience == one.salience).all()
