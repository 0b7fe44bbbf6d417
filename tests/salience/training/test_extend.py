import numpy as np
import pytest

from salience.encoder import Encoder
from salience.errors import RangeError
from salience.testing import random_weights
from salience.training.extend import extended
from salience.training.start import Recipe
from salience.types import Ragged

WORDS = "the a cat dog sat on mat".split()
RECIPE = Recipe(states=12, heads=2, rank=3, window=4, seed=5)


def encoded(weights):
    encoder = Encoder(weights)
    bags = [encoder.vocabulary.bag(word) for word in ("the", "cat", "zebra", "sat", "dog")]
    tokens = Ragged(np.concatenate(bags), np.cumsum([0, *map(len, bags)]))
    return encoder.encode(tokens, np.array([0, 3, 3, 5]))


def recipe(**given):
    return Recipe(**{**RECIPE.__dict__, **given})


@pytest.mark.parametrize("given", [{"blocks": 1}, {"blocks": 3}, {"document_width": 16}])
def test_what_is_added_changes_no_vector_yet(given):
    weights = random_weights(WORDS)
    before, after = encoded(weights), encoded(extended(weights, recipe(**given)))
    np.testing.assert_allclose(after.vectors, before.vectors, rtol=1e-6)
    np.testing.assert_allclose(after.documents, before.documents, rtol=1e-5, atol=1e-7)


def test_added_blocks_have_the_recipe_s_sizes_and_states_of_about_1():
    settings = Encoder(extended(random_weights(WORDS), recipe(blocks=2, document_width=5))).settings
    first, second = settings.blocks
    assert (second.states, second.heads, second.rank, second.window) == (12, 2, 3, 4)
    assert first.states != 12
    assert second.output_gate
    assert settings.document_width == 5


def test_the_same_seed_gives_the_same_blocks():
    weights = random_weights(WORDS)
    digests = {extended(weights, recipe(blocks=2, seed=seed)).digest() for seed in (1, 1, 2)}
    assert len(digests) == 2


def test_what_there_is_stays():
    weights = extended(random_weights(WORDS), recipe(blocks=2, document_width=16))
    assert extended(weights, recipe(blocks=2)).digest() == weights.digest()
    with pytest.raises(RangeError, match="at least the 2 blocks of the model to begin with, got 1"):
        extended(weights, recipe(blocks=1))
    with pytest.raises(RangeError, match="the model's own document width 16, got 8"):
        extended(weights, recipe(blocks=2, document_width=8))
    with pytest.raises(RangeError, match="document_width"):
        extended(random_weights(WORDS), recipe(document_width=17))
