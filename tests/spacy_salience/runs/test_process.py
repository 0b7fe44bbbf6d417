"""A chunk's documents: words that stay and words that go, and batches."""

import pytest

from spacy_salience.runs import process
from spacy_salience.runs.chunks import Chunk
from spacy_salience.runs.layout import Form, Layout
from spacy_salience.runs.process import Work, write_chunk
from spacy_salience.runs.rows import Row

LAYOUT = Layout(Form.jsonl, ("text",), {}, [])


@pytest.mark.parametrize(("most", "stays"), [(10**6, True), (0, False)])
def test_new_words_stay_until_the_pipeline_knows_many(nlp, tmp_path, monkeypatch, most, stays):
    monkeypatch.setattr(process, "WORDS_THAT_STAY", most)
    chunk = Chunk(0, [Row("a", "a quokka", {})])
    assert write_chunk(nlp, LAYOUT, tmp_path, Work(chunk)).words == 2
    assert ("quokka" in nlp.vocab.strings) is stays


def test_documents_come_in_batches_by_number_and_length(nlp, tmp_path, monkeypatch):
    sizes, pipe = [], nlp.pipe
    monkeypatch.setattr(process, "CHARACTERS_AT_ONCE", 10)
    monkeypatch.setattr(nlp, "pipe", lambda texts: sizes.append(len(texts)) or pipe(texts))
    texts = ["a", "b", "c", "d" * 20, "e" * 5, "f" * 5, "g"]
    chunk = Chunk(0, [Row(text, text, {}) for text in texts])
    write_chunk(nlp, LAYOUT, tmp_path, Work(chunk, batch=2))
    assert sizes == [2, 1, 1, 2, 1]
