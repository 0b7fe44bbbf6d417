import math

import pytest
import spacy

from spacy_salience.evaluation import evaluate_tasks, read_tasks
from spacy_salience.texts import FileError

from .conftest import json_lines, letters, table

TEXT, JUDGED = ("id", "text"), ("query", "document", "grade")


@pytest.fixture
def folder(tmp_path):
    """Cosines with "ab" are 1, .71, .5 and 0, in the order d2, d1, d3, d4."""
    table(tmp_path / "documents.tsv", TEXT, ("d1", "a"), ("d2", "ab"), ("d3", "ac"), ("d4", "ii"))
    table(tmp_path / "queries.tsv", TEXT, ("q1", "ab"), ("q2", "j"))
    table(tmp_path / "qrels.tsv", JUDGED, ("q1", "d1", 2), ("q1", "d3", 1), ("q1", "d4", 0),
          ("q2", "d4", 0))  # fmt: skip
    return tmp_path


def of(folder, k=2, nlp=None):
    (read,) = read_tasks([f"retrieve={folder}"], k)
    return read, evaluate_tasks(letters, [read], nlp)[read.name]


def test_figures_worked_out_by_hand(folder):
    read, found = of(folder)
    assert read.items == "1 queries, 4 documents"
    ideal = 2 / math.log2(2) + 1 / math.log2(3)
    assert found == {
        "nDCG@2": pytest.approx(2 / math.log2(3) / ideal),
        "recall@2": 1 / 2,
        "mean reciprocal rank": 1 / 2,
    }


def test_with_a_pipeline_words_and_both_are_beside_it(folder):
    _, found = of(folder, nlp=spacy.blank("en"))
    assert list(found) == [
        f"{figure}{by}"
        for by in ("", " of words", " of both")
        for figure in ("nDCG@2", "recall@2", "mean reciprocal rank")
    ]
    assert found["mean reciprocal rank of words"] == 1 / 2  # "ab" is the only one with the word


def test_collections_of_beir_are_read(folder, tmp_path):
    beir = tmp_path / "beir"
    beir.mkdir()
    json_lines(beir / "corpus.jsonl", *({"_id": f"d{n}", "title": "", "text": text}
               for n, text in enumerate(["a", "ab", "ac", "ii"], start=1)))  # fmt: skip
    json_lines(beir / "queries.jsonl", {"_id": "q1", "text": "ab"})
    table(beir / "qrels.tsv", ("query-id", "corpus-id", "score"), ("q1", "d1", 2), ("q1", "d3", 1))
    assert of(beir)[1] == of(folder)[1]


@pytest.mark.parametrize(
    ("name", "rows", "message"),
    [
        ("queries.tsv", None, "expected a table queries, such as queries.tsv, got none"),
        ("corpus.tsv", [TEXT], "got corpus.tsv, documents.tsv"),
        ("queries.tsv", [TEXT, ("q1", "a"), ("q1", "b")], "line 3: expected an id that no line"),
        ("qrels.tsv", [JUDGED, ("q3", "d1", 1)], "line 2: expected the id of a query, got 'q3'"),
        ("qrels.tsv", [JUDGED, ("q1", "d9", 1)], "line 2: expected the id of a document"),
        ("qrels.tsv", [JUDGED, ("q1", "d1", "x")], "line 2: expected a finite number"),
        ("qrels.tsv", [JUDGED, ("q1", "d1", 0)], "got 0 queries and 4 documents"),
    ],
)
def test_what_is_wrong_is_named(folder, name, rows, message):
    if rows is None:
        (folder / name).unlink()
    else:
        table(folder / name, *rows)
    with pytest.raises(FileError, match=message):
        of(folder)
