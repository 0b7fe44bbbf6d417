import numpy as np

from salience.encoder.encoder import Encoder
from salience.testing import LENGTHS, ragged_lengths, random_floats, random_starts, random_weights


def test_starts_are_the_running_sum_of_the_lengths():
    assert random_starts([2, 0, 3]).tolist() == [0, 2, 2, 5]
    assert random_starts([]).tolist() == [0]
    assert np.diff(random_starts()).tolist() == list(LENGTHS)


def test_ragged_lengths_are_many_short_and_a_few_long():
    lengths = ragged_lengths(2000, mean=30, longest=100)
    assert lengths == ragged_lengths(2000, mean=30, longest=100)
    assert 25 < np.mean(lengths) < 35
    assert np.median(lengths) < np.mean(lengths)
    assert (min(lengths), max(lengths)) >= (1, 100)


def test_floats_depend_on_the_seed_only():
    assert np.array_equal(random_floats(3, 4, seed=1), random_floats(3, 4, seed=1))
    assert not np.array_equal(random_floats(3, 4), random_floats(3, 4, seed=1))
    assert random_floats(3, 4).dtype == np.float32


def test_weights_make_an_encoder():
    encoder = Encoder(random_weights(["the", "cat"], width=6, states=4, heads=3, window=None))
    assert encoder.width == 6
    assert encoder.vocabulary.words == ["the", "cat"]
