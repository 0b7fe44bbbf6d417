"""Worker processes end when a command does; without that these would hang."""

import os
import signal
import threading
from multiprocessing import active_children
from pathlib import Path
from random import Random

import numpy as np
import pytest
import spacy
from spacy.language import Language

from salience.errors import WorkerError
from spacy_salience.cli import workers
from spacy_salience.cli.workers import piped
from spacy_salience.texts import FileError, documents

COUNT = 300


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch, nlp):
    nlp("a")  # forked workers have the tables then
    monkeypatch.setattr(workers, "TEXTS_AT_ONCE", 20)


@pytest.fixture
def file(tmp_path):
    """More than is sent to the workers before they begin, then a line that is none."""
    path = tmp_path / "a.jsonl"
    path.write_text('"the cat sat on the warm mat"\n' * COUNT + "{\n")
    return path


@pytest.mark.timeout(120)
def test_a_bad_line_is_named_after_the_documents_before_it(nlp, file):
    count = 0
    with pytest.raises(FileError, match=f"line {COUNT + 1}: expected a JSON object"):
        for count, _ in enumerate(piped(nlp, documents(file), 2), start=1):  # noqa: B007
            pass
    assert count == COUNT
    assert not active_children()


@pytest.mark.timeout(120)
def test_documents_may_be_wanted_no_more(nlp, file):
    docs = piped(nlp, documents(file), 2)
    assert len(next(docs)) == 7
    docs.close()
    assert not active_children()


@Language.component("ends_its_process")
def ends_its_process(doc):
    """Kill the process on a text "die", or die once on "die once FILE"."""
    words = doc.text.split(" ", 2)
    if words[0] == "die" and (len(words) < 3 or not Path(words[2]).exists()):
        if len(words) == 3:
            Path(words[2]).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return doc


@pytest.fixture
def dying(nlp):
    other = spacy.blank("en")
    other.add_pipe("salience", source=nlp)
    other.add_pipe("ends_its_process")
    return other


posix = pytest.mark.skipif(os.name == "nt", reason="a signal that cannot be caught is POSIX's")


@posix
@pytest.mark.timeout(120)
@pytest.mark.parametrize("place", [0, 30, 99])
def test_what_a_killed_worker_had_is_read_once_more(dying, place, tmp_path):
    texts = [f"text number {number}" for number in range(100)]
    texts[place] = f"die once {tmp_path / 'done'}"
    assert [doc.text for doc in piped(dying, texts, 2)] == texts
    assert (tmp_path / "done").exists()
    assert not active_children()


@posix
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("place", "named"), [(0, "1 to 20"), (30, "21 to 40")])
def test_documents_that_end_their_worker_twice_are_named(dying, place, named):
    texts = [f"text number {number}" for number in range(100)]
    texts[place] = "die"
    count = 0
    with pytest.raises(WorkerError, match=f"^documents {named}: .* ended twice"):
        for count, _ in enumerate(piped(dying, texts, 2), start=1):  # noqa: B007
            pass
    assert count == int(named.split()[0]) - 1
    assert not active_children()


@posix
@pytest.mark.timeout(120)
def test_a_worker_that_is_killed_from_outside_is_missed(nlp):
    docs = piped(nlp, ["the cat sat on the mat"] * 300, 2)
    next(docs)
    for worker in active_children():
        os.kill(worker.pid, signal.SIGKILL)
    assert sum(1 for _ in docs) == 299


@posix
@pytest.mark.timeout(120)
def test_workers_are_killed_at_any_moment(nlp):
    texts = [f"the cat sat on mat number {number} " * 20 for number in range(1000)]
    ended, killed, random = threading.Event(), 0, Random(0)

    def kill():
        nonlocal killed
        while not ended.wait(random.uniform(0.01, 0.2)):
            for worker in active_children()[:1]:
                os.kill(worker.pid, signal.SIGKILL)
                killed += 1

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        read = [doc.text for doc in piped(nlp, texts, 2)]
    except WorkerError as error:  # twice in the same batch
        read = texts if "ended twice" in str(error) else []
    finally:
        ended.set()
        thread.join()
    assert read == texts
    assert killed


def test_an_error_of_a_worker_is_its_own(nlp):
    other = spacy.blank("en")
    other.max_length = 5
    with pytest.raises(ValueError, match="E088"):
        list(piped(other, ["the cat sat on the mat"] * 3, 2))
    assert not active_children()


def test_a_document_comes_back_whole(nlp):
    texts = ["the cat sat", "", "a dog"]
    for here, there in zip(nlp.pipe(texts), piped(nlp, texts, 2), strict=True):
        np.testing.assert_array_equal(here.tensor, there.tensor)
        np.testing.assert_array_equal(here._.salience, there._.salience)


def test_one_process_is_this_one(nlp):
    assert [len(doc) for doc in piped(nlp, ["the cat", "a"], 1)] == [2, 1]
