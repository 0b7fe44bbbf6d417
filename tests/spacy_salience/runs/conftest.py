"""Running `run` in this process, and reading what it wrote."""

import json
from pathlib import Path

import numpy as np
import pytest

from spacy_salience.runs import run as module
from spacy_salience.runs.loading import load
from spacy_salience.runs.worker import answer

ROWS = [
    {"id": "a", "text": "The cat sat on the mat.", "stars": 3},
    {"id": "b", "text": "It was warm, and the dog slept.", "stars": 4},
    {"id": "c", "text": "A house of cold cats.", "stars": None},
    {"id": "d", "text": "the mat", "stars": 1},
    {"id": "e", "text": "Warm and cold.", "stars": 5},
]


class Here:
    """An engine whose only worker is this process; `asked` counts the chunks."""

    at_once = 1
    asked = 0

    def __init__(self, order, jobs=1):
        self.order, self.nlp = order, load(order.named)

    def ask(self, wanted):
        Here.asked += 1
        return answer(self.nlp, self.order, wanted)

    def close(self):
        pass


@pytest.fixture
def run(monkeypatch, tmp_path, model_file):
    """`run` with the small model, in this process and this test's folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "Workers", Here)
    monkeypatch.setattr(module, "prepare", lambda: None)
    monkeypatch.setattr(Here, "asked", 0)

    def run(texts, out="out", **options):
        return module.run(texts, out, **{"pipeline": str(model_file), **options})

    return run


@pytest.fixture
def rows(tmp_path):
    """A file of five rows in the test's folder, by its name."""
    return written(tmp_path / "rows.jsonl", ROWS).name


def written(path, rows):
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return path


def lines_of(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def table(out="out", form="parquet"):
    """All rows of the result files, in order."""
    files = sorted(Path(out).glob(f"chunk-*.{form}"))
    if form == "jsonl":
        return [row for path in files for row in lines_of(path)]
    from pyarrow.parquet import read_table

    return [row for path in files for row in read_table(path).to_pylist()]


def same_vectors(rows, nlp, texts):
    found = np.array([row["vector"] for row in rows], np.float32)
    assert np.array_equal(found, np.stack([doc.vector for doc in nlp.pipe(texts)]))
