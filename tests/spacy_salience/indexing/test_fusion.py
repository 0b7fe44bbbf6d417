"""Two scores become one, and the best come first."""

import numpy as np
import pytest

from spacy_salience.indexing.fusion import WEIGHT_OF_COSINE, best, fused

COSINES = np.array([0.5, -0.1, 0.5], np.float32)
SHARES = np.array([0.0, 0.9, 0.2], np.float32)


def test_a_score_is_a_convex_combination():
    wanted = float(WEIGHT_OF_COSINE) * COSINES + (1 - float(WEIGHT_OF_COSINE)) * SHARES
    assert fused(COSINES, SHARES) == pytest.approx(wanted)
    assert fused(COSINES, SHARES, "vectors") is COSINES
    assert fused(COSINES, SHARES, "words") is SHARES


def test_the_best_come_first_and_of_equals_the_earlier():
    scores = np.array([1, 3, -np.inf, 3, 2, 3], np.float32)
    assert best(scores, 3) == [1, 3, 5]
    assert best(scores, 2) == [1, 3]
    assert best(scores, 9) == [1, 3, 5, 4, 0]
    assert best(scores[:0], 3) == []
