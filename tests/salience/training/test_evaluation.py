import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from salience.errors import RangeError, ShapeError
from salience.training.evaluation import (
    accuracy_above,
    area_under_curve,
    average_precision,
    best_threshold,
    ndcg_at_k,
    precision_at_k,
    recall_at_k,
    reciprocal_rank,
    spearman,
)

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


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        ([1, 0], [0.9, 0.1], 1),
        ([0, 1], [0.9, 0.1], 1 / 2),
        # The positive are found at 1 and at 3: half of them each, at precision 1 and 2/3.
        ([1, 0, 1, 0], [4, 3, 2, 1], (1 + 2 / 3) / 2),
        # All score alike, so that they come in together: precision 2/4 at recall 1.
        ([1, 0, 1, 0], [7, 7, 7, 7], 1 / 2),
    ],
)
def test_average_precision_worked_out_by_hand(labels, scores, expected):
    assert average_precision(labels, scores) == pytest.approx(expected)


@given(st.lists(st.tuples(st.booleans(), st.integers(-4, 4)), min_size=2, max_size=40))
def test_average_precision_is_that_of_scikit_learn(pairs):
    labels, scores = zip(*[(True, 0), (False, 1), *pairs], strict=True)
    expected = metrics.average_precision_score(labels, scores)
    assert average_precision(labels, scores) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("labels", "scores", "error", "message"),
    [
        ([1, 0], [1.0], ShapeError, r"one length, got the shapes \[2\] and \[1\]"),
        ([1, 1], [1.0, 2.0], RangeError, r"expected the labels 0 and 1, got \[1.0\]"),
        ([1, 0, 2], [1.0, 2.0, 3.0], RangeError, r"got \[0.0, 1.0, 2.0\]"),
        ([1, 0], [1.0, np.nan], RangeError, "expected finite scores"),
    ],
)
def test_average_precision_refuses(labels, scores, error, message):
    with pytest.raises(error, match=f"^average_precision: .*{message}"):
        average_precision(labels, scores)


def test_ranks_worked_out_by_hand():
    assert recall_at_k([1, 3, 4, 10], 3) == 1 / 2
    assert recall_at_k([1, 3, 4, 10], 10) == 1
    assert reciprocal_rank([1, 2, 4]) == pytest.approx((1 + 1 / 2 + 1 / 4) / 3)


@given(place=st.integers(1, 6), k=st.integers(1, 5))
def test_ranks_are_judged_as_by_scikit_learn(place, k):
    scores, right = -np.arange(6.0), np.eye(6)[place - 1]
    expected = metrics.label_ranking_average_precision_score(right[None] == 1, scores[None])
    assert reciprocal_rank([place]) == pytest.approx(expected)
    assert recall_at_k([place], k) == metrics.top_k_accuracy_score(
        [place - 1], scores[None], k=k, labels=range(6)
    )


@pytest.mark.parametrize("ranks", [[], [0, 1], [np.nan]])
def test_ranks_start_at_one(ranks):
    with pytest.raises(RangeError, match=r"^reciprocal_rank: expected at least one rank"):
        reciprocal_rank(ranks)
    with pytest.raises(RangeError, match=r"^recall_at_k: expected at least one rank"):
        recall_at_k(ranks, 1)
    with pytest.raises(RangeError, match=r"^recall_at_k: k must be a whole number >= 1, got 0"):
        recall_at_k([1], 0)


def test_precision_counts_places_that_stay_empty():
    assert precision_at_k(["a", "b", "c"], {"a", "c"}, 2) == 1 / 2
    assert precision_at_k(["a", "b", "c"], {"a", "c"}, 10) == 2 / 10
    assert precision_at_k([], {"a"}, 1) == 0
    with pytest.raises(RangeError, match=r"^precision_at_k: k must"):
        precision_at_k(["a"], {"a"}, 0)
    with pytest.raises(RangeError, match="got one twice"):
        precision_at_k(["a", "a"], {"a"}, 2)


@pytest.mark.parametrize("seed", range(4))
def test_the_area_under_the_curve_is_scikit_learn_s(seed):
    rng = np.random.default_rng(seed)
    labels, scores = rng.integers(0, 2, 40), rng.integers(0, 12, 40) / 7
    assert area_under_curve(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores))


@pytest.mark.parametrize(
    ("labels", "scores", "threshold"),
    [
        ([0, 1], [1, 3], 2),
        ([0, 0, 1, 1], [1, 2, 4, 3], 2.5),
        ([1, 0], [1, 3], 0),
        ([1, 1, 1, 0], [1, 2, 3, 4], 0),
        ([0, 1, 0, 1], [1, 1, 1, 5], 3),
        ([0, 0, 1, 0], [1, 2, 3, 4], 2.5),
    ],
)
def test_the_threshold_agrees_best_with_the_labels(labels, scores, threshold):
    found = best_threshold(labels, scores)
    assert found == threshold
    best = max(accuracy_above(each, labels, scores) for each in (*scores, min(scores) - 1))
    assert accuracy_above(found, labels, scores) == best


@pytest.mark.parametrize("figure", [area_under_curve, best_threshold])
def test_labels_that_are_none_are_refused_by_every_figure_of_labels(figure):
    with pytest.raises(RangeError, match=f"^{figure.__name__}: expected the labels 0 and 1"):
        figure([1, 1], [0.1, 0.2])
    with pytest.raises(ShapeError, match=f"^{figure.__name__}: expected labels and scores of one"):
        figure([0, 1], [0.1, 0.2, 0.3])


def test_ndcg_is_scikit_learn_s():
    rng = np.random.default_rng(5)
    for k in (1, 3, 10, 40):
        gains = rng.integers(0, 4, 30)
        wanted = metrics.ndcg_score([gains], [-np.arange(30)], k=k)
        assert ndcg_at_k(gains, k) == pytest.approx(wanted)
    assert ndcg_at_k([0, 0], 10) == 0
    with pytest.raises(RangeError, match=r"^ndcg_at_k: expected gains of at least 0"):
        ndcg_at_k([1, -1], 10)
