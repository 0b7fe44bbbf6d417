import numpy as np
import pytest

from spacy_salience.evaluation import evaluate_tasks, ranking, read_tasks
from spacy_salience.evaluation.retrieval import rank_of
from spacy_salience.texts import FileError

from .conftest import letters, table

HEADER = ("question", "sentence", "label")


def of(path, k=1):
    (read,) = read_tasks([f"retrieve={path}"], k)
    return read, evaluate_tasks(letters, [read])[read.name]


@pytest.mark.parametrize("block", [1, 256])
def test_ranks_worked_out_by_hand(tmp_path, monkeypatch, block):
    monkeypatch.setattr(ranking, "QUESTIONS_AT_ONCE", block)
    path = table(
        tmp_path / "a.tsv",
        HEADER,
        ("ab", "abc", "answer"),  # cosines .82 with abc, .71 with a, 0 with ij and dd: first
        ("a", "abc", "answer"),  # .58 with abc behind 1 with a: second
        ("a", "ij", "not_answer"),
        ("aij", "a", "1"),  # .58 with a behind .82 with ij: second; 0.33 with abc
        ("aij", "dd", "1"),  # the better one of two counts
    )
    read, found = of(path)
    assert read.items == "3 questions, 4 sentences"
    assert found == {
        "recall@1": pytest.approx(1 / 3),
        "mean reciprocal rank": pytest.approx((1 + 1 / 2 + 1 / 2) / 3),
    }
    assert of(path, 2)[1]["recall@2"] == 1


def test_without_labels_all_pairs_belong_together(tmp_path):
    path = table(tmp_path / "a.tsv", HEADER[:2], ("a", "b"), ("c", "d"), ("a", "d"))
    read, _ = of(path)
    assert {question: list(right) for question, right in read.answers.items()} == {
        "a": [0, 1],
        "c": [1],
    }


def test_equals_are_ahead_of_the_right_one():
    assert rank_of(np.zeros(5, np.float32), np.array([3])) == 5
    assert rank_of(np.zeros(5, np.float32), np.array([1, 3])) == 4
    assert rank_of(np.array([3, 2, 1], np.float32), np.array([0, 2])) == 1


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([("question", "text")], "expected a column sentence in the first line"),
        ([HEADER, ("a", "b", "x")], "line 2: expected a label that is positive"),
        ([HEADER, ("a", "b", "0"), ("a", "c", "0")], "got 0 questions and 2 sentences"),
        ([HEADER, ("a", "b", "1"), ("c", "b", "1")], "got 2 questions and 1 sentences"),
        ([HEADER, ("a", "b", "")], "line 2: expected something in 'label', got an empty field"),
    ],
)
def test_what_is_wrong_is_named(tmp_path, rows, message):
    with pytest.raises(FileError, match=message):
        of(table(tmp_path / "a.tsv", *rows))
