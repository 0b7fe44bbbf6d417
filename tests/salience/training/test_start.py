import zlib

import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.model.forms import is_sign
from salience.model.vocab import Vocabulary
from salience.model.weights import from_bytes
from salience.ops import cosine_pairs
from salience.testing import random_floats
from salience.training.start import Recipe, project, start, word_weights
from salience.types import Ragged

TOPICS = {
    "pets": ["cat", "dog", "hamster", "parrot", "rabbit"],
    "tools": ["saw", "hammer", "drill", "wrench", "pliers"],
    "food": ["bread", "cheese", "apple", "soup", "rice"],
}
COUNTS = {word: 50 - i for members in TOPICS.values() for i, word in enumerate(members)}
COUNTS["the"] = 900
SMALL = Recipe(words=100, buckets=64, width=6, states=8, rank=4, window=5)


def noise(text, scale=1.0):
    return random_floats(12, seed=zlib.crc32(text.encode()), scale=scale)


def teacher(words):
    """Words of a topic lie close together."""
    topics = {word: topic for topic, members in TOPICS.items() for word in members}
    return np.stack([noise(topics.get(word, word)) + noise(word, 0.2) for word in words])


def documents(weights, *texts):
    encoder = Encoder(weights)
    bags = [encoder.vocabulary.bag(word) for text in texts for word in text.split()]
    starts = np.cumsum([0, *(len(text.split()) for text in texts)])
    rows = Ragged(np.concatenate(bags), np.cumsum([0, *map(len, bags)]))
    return encoder.encode(rows, starts).documents


def test_similar_words_are_similar():
    near, far, word = documents(start(COUNTS, teacher, SMALL), "cat", "hammer", "dog")
    assert cosine_pairs([word], [near]) > 0.7
    assert cosine_pairs([word], [far]) < cosine_pairs([word], [near]) - 0.3


def test_similar_documents_are_similar_and_unknown_words_read_by_their_ngrams():
    weights = start(COUNTS, teacher, SMALL)
    one, two, three = documents(weights, "the cat dog", "the hamster parrot", "the saw drill")
    assert cosine_pairs([one], [two]) > cosine_pairs([one], [three])
    known, unknown, other = documents(weights, "hammer", "hammers", "cheese")
    assert cosine_pairs([known], [unknown]) > cosine_pairs([other], [unknown])


def test_the_same_counts_make_the_same_model():
    again = dict(reversed(COUNTS.items()))
    assert start(again, teacher, SMALL).digest() == start(COUNTS, teacher, SMALL).digest()


def test_a_model_survives_its_file():
    weights = start(COUNTS, teacher, SMALL)
    assert from_bytes(weights.to_bytes()).digest() == weights.digest()


def test_the_most_frequent_words_are_known_and_blanks_never():
    counts = {**COUNTS, " ": 999, "\u200f": 999, "two words": 999, "new\nline": 999}
    recipe = Recipe(words=3, buckets=64, width=2, states=8, rank=4)
    words = Encoder(start(counts, teacher, recipe)).vocabulary.words
    assert words[:3] == ["the", "bread", "cat"]
    assert all(map(is_sign, words[3:]))  # the common signs, met or not


def test_projected_vectors_have_a_mean_length_of_1_and_even_axes():
    vectors = random_floats(400, 12) * np.arange(1, 13, dtype=np.float32)
    projected = project(vectors, Recipe(width=6, whitening=0.5))
    assert np.linalg.norm(projected, axis=1).mean() == pytest.approx(1, abs=1e-5)
    moments = projected.T @ projected
    np.testing.assert_allclose(moments, np.eye(6) * moments[0, 0], atol=1e-2 * moments[0, 0])


def test_rare_words_weigh_more_and_blanks_nothing():
    weights = word_weights(Vocabulary(["the", "cat"], 3), {"the": 99, "cat": 1}, 0.01)
    want = [-30, np.log(0.01 / 1.0), np.log(0.01 / 0.02), 0, 0, 0]
    np.testing.assert_allclose(weights, want, rtol=1e-6)
