import numpy as np
import pytest

from salience.encoder.encoder import Encoder
from salience.errors import RangeError, SalienceError
from salience.testing import random_floats
from salience.training.start import Recipe, start

from .test_start import COUNTS, SMALL, documents, teacher


@pytest.mark.parametrize("states", [2, 7, 8, 40])
@pytest.mark.parametrize("rank", [1, 4, 50])
def test_any_recipe_is_refused_or_makes_an_encoder(states, rank):
    recipe = Recipe(words=100, buckets=64, width=6, states=states, rank=rank)
    try:
        weights = start(COUNTS, teacher, recipe)
    except SalienceError as error:
        assert "distil" in str(error)  # noqa: PT017
    else:
        assert np.isfinite(documents(weights, "the cat", "zzz")).all()


@pytest.mark.parametrize("counts", [{}, {" ": 3}, {"two words": 1}])
def test_no_words_are_refused(counts):
    with pytest.raises(RangeError, match=r"^distil: expected at least one word, got none"):
        start(counts, teacher, SMALL)


def test_a_teacher_narrower_than_the_recipe_is_refused():
    with pytest.raises(RangeError, match="a teacher of at least width 13, got 12; ask for a width"):
        start(COUNTS, teacher, Recipe(width=13))


def test_a_teacher_of_too_few_vectors_is_refused():
    with pytest.raises(SalienceError, match=r"^distil: the teacher's vectors must .* \[16, width"):
        start(COUNTS, lambda words: teacher(words)[1:], SMALL)


def test_a_teacher_of_numbers_that_are_not_finite_is_refused():
    with pytest.raises(SalienceError, match=r"^distil: .*finite"):
        start(COUNTS, lambda words: np.full((len(words), 12), np.nan), SMALL)


def test_a_word_with_a_lone_surrogate_is_refused_or_left_out():
    counts = {**COUNTS, "a\ud800": 5}
    try:
        weights = start(counts, lambda words: random_floats(len(words), 12), SMALL)
    except SalienceError as error:
        assert "distil" in str(error)  # noqa: PT017
    else:
        assert "a\ud800" not in Encoder(weights).vocabulary.words
