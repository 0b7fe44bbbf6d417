"""A long document in parts says the same as the whole, to the last bit."""

import numpy as np
import pytest

from salience.encoder import cpu as module
from salience.encoder.encoder import Encoder
from salience.encoder.parts import parts_of
from salience.model.weights import Weights
from salience.testing import random_starts, random_weights

from ..helpers import needs_speed, same_bits
from ..models import random_bags

WORDS = [f"word{i}" for i in range(40)]


def test_parts_cover_a_document_and_its_neighbours():
    parts = parts_of(1000, margin=64, size=300)
    assert [(part.first, part.last) for part in parts] == [
        (0, 250), (250, 500), (500, 750), (750, 1000)
    ]  # fmt: skip
    assert [(part.low, part.high) for part in parts] == [
        (0, 314), (186, 564), (436, 814), (686, 1000)
    ]  # fmt: skip
    for part in parts:
        rows = np.arange(part.low, part.high)
        assert part.starts.tolist() == [0, len(rows)]
        assert rows[part.own].tolist() == list(range(part.first, part.last))


@pytest.fixture
def divided(monkeypatch):
    """Encode in parts of this size, or whole; return what came, and of how many parts."""

    def encode(encoder, bags, size):
        made = []

        def parts(*given, **named):
            made.extend(parts_of(*given, **named, size=size))
            return made

        monkeypatch.setattr(module, "parts_of", parts)
        tokens = len(bags.starts) - 1
        monkeypatch.setattr(module, "LONG", size if size else tokens)
        return encoder.encode(bags, random_starts([tokens])), len(made)

    return encode


@needs_speed
@pytest.mark.parametrize("window", [0, 3, 8, 70])
@pytest.mark.parametrize("causal", [False, True])
def test_parts_have_the_bits_of_the_whole(divided, window, causal):
    weights = random_weights(WORDS, window=window)
    encoder = Encoder(Weights(weights.tensors, {**weights.settings, "causal": causal}))
    bags = random_bags(1033)
    whole, none = divided(encoder, bags, 0)
    assert not none
    for size in (50, 256, 1000):
        got, count = divided(encoder, bags, size)
        assert count == -(-1033 // size)
        assert same_bits(tuple(got), tuple(whole))


@pytest.mark.parametrize("window", [None, 5000])
def test_attention_that_reaches_far_is_not_divided(divided, window):
    _, parts = divided(Encoder(random_weights(WORDS, window=window)), random_bags(64), 30)
    assert parts == 0


@needs_speed
def test_a_long_document_is_divided_by_itself_and_the_same_on_any_threads(fresh_threads):
    encoder, tokens = Encoder(random_weights(WORDS)), module.LONG + 1
    bags, starts = random_bags(tokens), random_starts([tokens])
    results = []
    for count in (1, 2, 3):
        fresh_threads.set_num_threads(count)
        results.append(encoder.encode(bags, starts))
    assert all(same_bits(tuple(each), tuple(results[0])) for each in results)
    assert results[0].received.sum() == pytest.approx(1, abs=1e-4)
