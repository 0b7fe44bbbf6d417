import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from salience.errors import ShapeError
from salience.training.evaluation import spearman

numbers = st.lists(st.integers(-5, 5), min_size=3, max_size=20).filter(lambda n: len(set(n)) > 1)


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ([1, 2, 3], [10, 20, 30], 1),
        ([1, 2, 3], [3, 2, 1], -1),
        ([0, 1], [5, 5.5], 1),
        # Without ties, 1 - 6 sum of d^2 / n (n^2 - 1): d = 0, 1, -1, 0.
        ([1, 2, 3, 4], [1, 3, 2, 4], 1 - 6 * 2 / (4 * 15)),
        # The ranks are 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5).
        ([1, 2, 2, 3], [1, 2, 3, 4], 4.5 / np.sqrt(4.5 * 5)),
        # The ranks are 2, 2, 2, 4 and 3.5, 1.5, 1.5, 3.5: 1 * 1.5 + ... = 2; 3 and 4.
        ([7, 7, 7, 9], [5, 1, 1, 5], 2 / np.sqrt(3 * 4)),
    ],
)
def test_equals_the_value_worked_out_by_hand(a, b, expected):
    assert spearman(a, b) == pytest.approx(expected)


@given(a=numbers)
def test_only_the_order_counts(a):
    b = np.random.default_rng(len(a)).permutation(a)
    expected = spearman(a, b)
    assert -1 - 1e-9 <= expected <= 1 + 1e-9
    assert spearman(np.exp(a), b) == pytest.approx(expected)
    assert spearman(b, a) == pytest.approx(expected)
    assert spearman(a, -b) == pytest.approx(-expected)


@pytest.mark.parametrize(("a", "b"), [([], []), ([1], [1]), ([1, 2], [1, 2, 3])])
def test_refuses_what_cannot_be_paired(a, b):
    text = f"spearman: expected two lists of one length of at least 2, got {len(a)} and {len(b)}"
    with pytest.raises(ShapeError, match=text):
        spearman(a, b)
