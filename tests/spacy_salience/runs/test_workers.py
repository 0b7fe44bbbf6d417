"""Worker processes: one that dies is replaced, and what it died of is recorded."""

import os
import signal
import threading
from multiprocessing import active_children

import pytest
from spacy.util import import_file

from salience.errors import WorkerError
from spacy_salience import run
from spacy_salience.runs.deaths import Died
from spacy_salience.runs.layout import Form, Layout
from spacy_salience.runs.loading import Named
from spacy_salience.runs.worker import Order
from spacy_salience.runs.workers import Workers

from .conftest import ROWS, lines_of, same_vectors, table, written

pytestmark = [
    pytest.mark.skipif(os.name == "nt", reason="a signal that cannot be caught is POSIX's"),
    pytest.mark.timeout(120),
]

CODE = """
import os, signal
from spacy.language import Language

@Language.component("dies")
def dies(doc):
    if "deadly" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return doc
"""


@pytest.fixture
def deadly(tmp_path, nlp):
    """Options of a pipeline that ends its process at texts with the word deadly."""
    (tmp_path / "code.py").write_text(CODE)
    import_file("python_code", tmp_path / "code.py")
    nlp.add_pipe("dies")
    nlp.to_disk(tmp_path / "pipeline")
    return {"pipeline": str(tmp_path / "pipeline"), "code": str(tmp_path / "code.py")}


def test_the_document_that_ends_its_worker_is_recorded(deadly, tmp_path, nlp):
    rows = [*ROWS[:3], {"id": "x", "text": "a deadly cat"}, *ROWS[3:]]
    out, path = tmp_path / "out", written(tmp_path / "a.jsonl", rows)
    outcome = run(path, out, jobs=2, chunk_size=2, form="jsonl", **deadly)
    assert (outcome.documents, outcome.failed) == (6, 1)
    assert [row["id"] for row in table(out, "jsonl")] == ["a", "b", "c", "d", "e"]
    nlp.remove_pipe("dies")
    same_vectors(table(out, "jsonl"), nlp, [row["text"] for row in ROWS])
    (error,) = lines_of(out / "errors.jsonl")
    assert error["id"] == "x"
    assert error["reason"].startswith("its worker process ended on it, twice")
    assert not active_children()


def order_of(tmp_path, **named):
    return Order(Named(**named), Layout(Form.jsonl, ("text",), {}, []), tmp_path)


def test_a_worker_that_is_killed_is_missed_and_replaced(model_file, tmp_path):
    workers = Workers(order_of(tmp_path, pipeline=str(model_file)), 1)
    try:
        assert workers.ask([]) is None
        (worker,) = active_children()
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(Died):
            workers.ask([])
        assert workers.ask([]) is None
        assert [each.pid != worker.pid for each in active_children()] == [True]
    finally:
        workers.close()
    assert not active_children()
    with pytest.raises(WorkerError, match="was ended"):
        workers.ask([])


@pytest.mark.parametrize("code", ["import os; os._exit(3)", "raise ValueError('not here')"])
def test_a_worker_that_cannot_load_is_no_death_of_a_document(tmp_path, code):
    (tmp_path / "code.py").write_text(code)
    workers = Workers(order_of(tmp_path, code=str(tmp_path / "code.py")), 1)
    expected = "load the pipeline, but it ended" if "_exit" in code else "ValueError: not here"
    try:
        with pytest.raises(WorkerError, match=expected):
            workers.ask([])
    finally:
        workers.close()


def test_what_is_in_hand_is_ended_when_the_engine_is_closed(model_file, tmp_path):
    workers = Workers(order_of(tmp_path, pipeline=str(model_file)), 1)
    threading.Timer(0.3, workers.close).start()

    def asked_for_ever():  # it is closed while a worker loads, or is at work
        while True:
            workers.ask([])

    with pytest.raises(WorkerError, match="ended"):
        asked_for_ever()
