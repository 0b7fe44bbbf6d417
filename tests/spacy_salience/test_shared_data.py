"""Promises about real text; skipped where the shared data is not beside the checkout."""

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from salience.training.evaluation import spearman
from spacy_salience.cli.evaluate import read_pairs

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared data is not here")


@needs_data
def test_similarity_agrees_with_people(en_small):
    first, second, scores = read_pairs(DATA / "similarity" / "stsb_dev.tsv")
    docs = zip(en_small.pipe(first), en_small.pipe(second), strict=True)
    assert spearman([a.similarity(b) for a, b in docs], scores) >= 0.78


@needs_data
def test_documents_of_any_length_in_one_stream(en_small):
    with gzip.open(DATA / "docs" / "mixed_docs.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = sorted((json.loads(line)["text"] for line in file), key=len)
    chosen = [*texts[:40], *texts[-2:]]
    for doc, text in zip(en_small.pipe(chosen), chosen, strict=True):
        assert doc.text == text
        assert np.isfinite(doc.tensor).all()
        assert doc.tensor.any()
