"""A model of word vectors alone pools words as its formula says."""

from dataclasses import replace

import numpy as np
import pytest

from salience.errors import RangeError
from salience.vectors.model import OFFSET, RECIPE, common_components, frequencies, model_of

from .tables import at_random, floret, grams, of_structure, unit

SMALL = replace(RECIPE, buckets=20, width=6, states=4, rank=2, rarity=0.01)


def words_of(model, count):
    """The first words, which common signs come after."""
    return bytes(model.tensors["words"]).decode().split("\n")[:count]


def test_counts_are_those_given_or_zipfs():
    vectors = at_random(counts=np.arange(60)[::-1])
    found = frequencies(vectors)
    assert [found["w0"], found["w57"]] == [59, 2]
    assert found["w59"] == 1  # a count of 0 is of a word that was not counted
    for none in (at_random(), at_random(counts=np.zeros(60, dtype=np.int64))):
        counts = list(frequencies(none).values())
        ranks = np.arange(60)
        np.testing.assert_allclose(np.array(counts) * (ranks + OFFSET), 1e9, rtol=1e-6)


def test_the_common_components_are_singular_vectors_of_weighted_words():
    vectors = at_random()
    counts = frequencies(vectors)
    shares = np.array(list(counts.values())) / sum(counts.values())
    rows = (np.sqrt(shares) * 0.01 / (0.01 + shares))[:, None] * vectors.rows
    _, _, axes = np.linalg.svd(rows)
    found = common_components(vectors, counts, 0.01, 2)
    np.testing.assert_allclose(np.abs(np.sum(found * axes[:2], axis=1)), 1, rtol=1e-4)
    assert common_components(vectors, counts, 0.01, 0).shape == (0, 7)


def test_words_are_ranked_and_weighted_by_their_counts():
    model = model_of(at_random(), "en", counts={"w3": 70, "w9": 20, "w1": 10}, recipe=SMALL)
    assert words_of(model, 3) == ["w3", "w9", "w1"]
    shares = np.array([0.7, 0.2, 0.1])
    np.testing.assert_allclose(
        model.tensors["word_weights"][1:4], np.log(0.01 / (0.01 + shares)), rtol=1e-5
    )
    assert model.language == "en"


def test_counted_words_without_vectors_are_not_listed():
    counts = {"unheard": 90, "w3": 7, "w9": 2, "w1": 1}
    model = model_of(at_random(), "en", counts=counts, recipe=SMALL)
    assert words_of(model, 3) == ["w3", "w9", "w1"]
    assert model.tensors["table"][1:4].any(axis=1).all()


def test_a_model_is_no_wider_than_its_vectors():
    assert (
        model_of(at_random(), "en", recipe=replace(SMALL, width=64)).tensors["table"].shape[1] == 7
    )


def test_without_whitening_and_components_cosines_of_words_stay():
    vectors = at_random()
    recipe = replace(SMALL, width=7, whitening=0.0)
    model = model_of(vectors, "en", recipe=recipe, components=0)
    rows = model.tensors["table"][1:61]
    assert words_of(model, 60) == list(vectors.words)
    kept = unit(vectors.rows) @ unit(vectors.rows).T
    np.testing.assert_allclose(unit(rows) @ unit(rows).T, kept, atol=1e-4)


def test_removed_components_are_gone():
    vectors = of_structure()
    recipe = replace(SMALL, width=24, whitening=0.0)
    ranks = [
        np.linalg.matrix_rank(
            model_of(vectors, "en", recipe=recipe, components=components).tensors["table"][1:13],
            tol=1e-4,
        )
        for components in (0, 1, 3)
    ]
    assert ranks[0] - np.array(ranks) == pytest.approx([0, 1, 3])


def test_ngrams_alone_make_a_model_with_counts():
    model = model_of(floret(), "en", counts={"sea": 3, "tide": 2, "hill": 1}, recipe=SMALL)
    assert words_of(model, 3) == ["sea", "tide", "hill"]
    with pytest.raises(RangeError, match="give counts of words"):
        model_of(floret(), "en", recipe=SMALL)


def test_the_same_vectors_give_the_same_model():
    one, two = (model_of(at_random(ngrams=grams()), "en", recipe=SMALL) for _ in range(2))
    assert one.digest() == two.digest()
    assert one.digest() != model_of(at_random(), "en", recipe=SMALL).digest()


def test_what_cannot_be_is_refused():
    with pytest.raises(RangeError, match="components"):
        model_of(at_random(), "en", recipe=SMALL, components=-1)
    for counts in ({}, {"unheard": 3}):
        with pytest.raises(RangeError, match=f"got {len(counts)} of words without"):
            model_of(at_random(), "en", recipe=SMALL, counts=counts)
