import numpy as np
import pytest
from sklearn.metrics import average_precision_score

from spacy_salience.evaluation import evaluate_tasks, read_tasks
from spacy_salience.texts import FileError

from .conftest import cosine, letters, table

PAIRS = [("abc", "abd"), ("a", "a"), ("aab", "bbc"), ("ij", "a")]


def of(path, task):
    (read,) = read_tasks([f"{task}={path}"])
    return read.items, evaluate_tasks(letters, [read])[f"{task}={path}"]


@pytest.mark.parametrize(
    ("task", "header"),
    [
        ("sts", ("sentence1", "sentence2", "score")),
        ("sts", ("sentence1", "sentence2", "relatedness")),
        ("sts", ("sentence1", "sentence2", "label")),
        ("words", ("word1", "word2", "score")),
    ],
)
def test_similarity_is_spearman_of_the_cosine(tmp_path, task, header):
    rows = [(*pair, score) for pair, score in zip(PAIRS, (2.5, 5, 3, -1), strict=True)]
    items, found = of(table(tmp_path / "a.tsv", header, *rows), task)
    assert items == "4 pairs"
    ranks = np.argsort(np.argsort([cosine(*pair) for pair in PAIRS]))
    assert list(ranks) == [2, 3, 1, 0]
    assert found == {"Spearman": pytest.approx(np.corrcoef(ranks, [1, 3, 2, 0])[0, 1])}


@pytest.mark.parametrize(
    ("header", "labels"),
    [
        (("sentence1", "sentence2", "label"), "1 0 1 0"),
        (("premise", "hypothesis", "label"), "entailment neutral entailment contradiction"),
        (("premise", "hypothesis", "label"), "entailment not_entailment entailment neutral"),
        (("question", "sentence", "label"), "answer not_answer answer not_answer"),
    ],
)
def test_pairs_are_average_precision_of_the_cosine(tmp_path, header, labels):
    rows = [(*pair, label) for pair, label in zip(PAIRS, labels.split(), strict=True)]
    items, found = of(table(tmp_path / "a.tsv", header, *rows), "pairs")
    expected = average_precision_score([1, 0, 1, 0], [cosine(*pair) for pair in PAIRS])
    assert expected < 1
    assert (items, found) == ("4 pairs", {"average precision": pytest.approx(expected)})


@pytest.mark.parametrize(
    ("task", "rows", "message"),
    [
        ("sts", [("sentence1", "sentence2", "alike")],
         "expected a column score or relatedness or label"),
        ("sts", [("sentence1", "sentence2", "label"), ("a", "b", "entailment")],
         "line 2: expected a finite number as the score, got 'entailment'"),
        ("sts", [("sentence1", "sentence2", "score"), ("a", "b", "x")],
         "line 2: expected a finite number as the score, got 'x'; mend"),
        ("sts", [("sentence1", "sentence2", "score"), ("a", "b", 1), ("a", "b", "inf")],
         "line 3: expected a finite number as the score, got 'inf'"),
        ("words", [("word1", "word2", "score"), ("a", "b", 1), ("b", "c", 1)],
         "expected at least two pairs, with scores that differ, got 2 pairs"),
        ("pairs", [("sentence1", "sentence2", "label"), ("a", "b", "maybe")],
         r"line 2: expected a label that is positive \(1, entailment, answer\) or negative "
         r"\(0, .*\), got 'maybe'"),
        ("pairs", [("sentence1", "sentence2", "label"), ("a", "b", 1), ("a", "c", 1)],
         "with positive and with negative labels, got 2 of 2 positive"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, task, rows, message):
    with pytest.raises(FileError, match=message):
        of(table(tmp_path / "a.tsv", *rows), task)
