"""Promises about real text; skipped where the shared data is not beside the checkout."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from spacy_salience.evaluation import evaluate_tasks, model_of, read_tasks

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")


@needs_data
@pytest.mark.parametrize(
    ("task", "figure", "least"),
    [
        ("sts=similarity/stsb_dev.tsv", "Spearman", 0.78),
        ("words=wordsim/ws-353-all.tsv", "Spearman", 0.72),
        ("keyphrases=salience/semeval2017.jsonl.gz", "precision@10", 0.34),
    ],
)
def test_similarity_and_salience_agree_with_people(task, figure, least):
    model = model_of("en_small")
    tasks = read_tasks([task.replace("=", f"={DATA}/")])
    (found,) = evaluate_tasks(model.encode, tasks, model.nlp).values()
    assert found[figure] >= least


@needs_data
def test_documents_of_any_length_in_one_stream(en_small):
    with gzip.open(DATA / "docs" / "mixed_docs.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = sorted((json.loads(line)["text"] for line in file), key=len)
    chosen = [*texts[:40], *texts[-2:]]
    for doc, text in zip(en_small.pipe(chosen), chosen, strict=True):
        assert doc.text == text
        assert np.isfinite(doc.tensor).all()
        assert doc.tensor.any()
