"""What a cluster's errors mean, and what its workers are sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from salience.errors import RangeError, WorkerError
from spacy_salience.runs.clusters.cluster import Cluster
from spacy_salience.runs.clusters.task import Task, answered, pipeline_here, placed
from spacy_salience.runs.deaths import Died
from spacy_salience.runs.layout import Form, Layout
from spacy_salience.runs.loading import Named
from spacy_salience.runs.process import Counts
from spacy_salience.runs.rows import Row
from spacy_salience.runs.worker import Order


class Killed(Exception):  # noqa: N818
    """What the cluster of these tests says of a dead worker."""


class Scripted(Cluster):
    """A cluster that answers what it is given, or raises it."""

    at_once, deaths = 1, (Killed,)

    def __init__(self, order, said=None):
        super().__init__(order)
        self.said, self.sent, self.cancelled = said, [], []

    def send(self, task):
        self.sent.append(task)
        return task

    def wait_for(self, sent):
        if callable(self.said):
            self.said()
        if isinstance(self.said, Killed | OSError):
            raise self.said
        return self.said

    def cancel(self, sent):
        self.cancelled.append(sent)


@pytest.fixture
def order(model_file, tmp_path):
    named = Named(str(model_file))
    return Order(named, Layout(Form.jsonl, ("text",), {}, []), tmp_path)


def test_an_answer_is_returned_and_an_error_raised(order):
    assert Scripted(order, Counts(1, 2, 3)).ask([]) == Counts(1, 2, 3)
    with pytest.raises(WorkerError, match="full disk"):
        Scripted(order, WorkerError("full disk")).ask([])
    with pytest.raises(Died):
        Scripted(order, Killed()).ask([])
    with pytest.raises(WorkerError, match=r"expected the cluster .* OSError: gone"):
        Scripted(order, OSError("gone")).ask([])


def test_what_is_in_hand_is_cancelled_at_the_end(order):
    cluster = Scripted(order, lambda: (cluster.close(), 1 / 0))
    with pytest.raises(WorkerError, match="the cluster was left, with a chunk in hand"):
        cluster.ask([])
    assert cluster.cancelled == cluster.sent
    with pytest.raises(WorkerError, match="the cluster was left"):
        cluster.ask([])
    cluster.close()


def test_a_worker_answers_in_its_own_folder(order, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path.parent)
    whole = placed(replace(order, out=Path(tmp_path.name)))
    assert whole.out == tmp_path
    monkeypatch.chdir("/")
    assert answered(Task(whole, pipeline_here(whole.named), [Row("a", "the cat", {})])) is None


def test_only_paths_become_whole(order, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("en_small").mkdir()
    Path("folder").mkdir()
    for name, whole in (("en_small", "en_small"), ("folder", str(tmp_path / "folder"))):
        assert placed(replace(order, named=Named(name))).named.pipeline == whole
    assert placed(replace(order, named=Named(None, "en"))).named == Named(None, "en")


def test_another_pipeline_on_a_worker_is_refused(order):
    there = {**pipeline_here(order.named), "sha256": "0"}
    error = answered(Task(order, there, []))
    assert isinstance(error, WorkerError)
    assert "expected a worker with the same pipeline" in str(error)
    assert "differs in sha256; install" in str(error)


def test_nothing_of_the_texts_is_shown(order):
    assert "secret" not in repr(Task(order, {}, [Row("a", "secret", {})]))


def test_an_unknown_engine_is_refused(run, rows):
    with pytest.raises(RangeError, match="expected one of processes, dask, ray, got 'spark"):
        run(rows, engine="spark")
