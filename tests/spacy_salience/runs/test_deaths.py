"""The documents that a worker dies of are found, by workers that are played here."""

import pytest

from salience.errors import WorkerError
from spacy_salience.runs.chunks import Chunk
from spacy_salience.runs.deaths import MOST_DEADLY, Died, complete
from spacy_salience.runs.process import Counts, Work
from spacy_salience.runs.rows import Row

CHUNK = Chunk(3, [Row(str(number), "", {}) for number in range(100)])


class Workers:
    """They die of the deadly documents, or while `unlucky` counts down."""

    def __init__(self, deadly=(), unlucky=0, most=1000):
        self.deadly, self.unlucky, self.most = set(deadly), unlucky, most
        self.works, self.asked = [], 0

    def ask(self, wanted):
        self.asked += 1
        is_work = isinstance(wanted, Work)
        rows = wanted.chunk.rows if is_work else wanted
        known = {rows[place].id for place in wanted.known} if is_work else set()
        self.works += [wanted] if is_work else []
        if self.unlucky or {int(row.id) for row in rows if row.id not in known} & self.deadly:
            self.unlucky = max(0, self.unlucky - 1)
            raise Died
        if is_work and wanted.batch > self.most:
            raise Died
        return Counts(len(rows)) if is_work else None


def test_a_chunk_is_tried_twice():
    workers = Workers(unlucky=1)
    assert complete(CHUNK, workers.ask).documents == 100
    assert [work.known for work in workers.works] == [{}, {}]


@pytest.mark.parametrize("deadly", [[0], [99], [31, 32], [3, 50, 97]])
def test_the_deadly_documents_are_found_by_halves(deadly):
    workers = Workers(deadly)
    complete(CHUNK, workers.ask)
    known = workers.works[-1].known
    assert sorted(known) == deadly
    assert [known[place].id for place in deadly] == [str(place) for place in deadly]
    assert all(each.error == "WorkerError" for each in known.values())
    assert workers.asked < 20 * len(deadly)


def test_what_is_too_much_together_is_done_one_by_one():
    workers = Workers(most=1)
    complete(CHUNK, workers.ask)
    assert (workers.works[-1].known, workers.works[-1].batch) == ({}, 1)


@pytest.mark.parametrize("workers", [Workers(range(MOST_DEADLY + 1)), Workers(most=0)])
def test_workers_that_die_of_anything_end_it(workers):
    with pytest.raises(WorkerError, match=r"^chunk-000003: expected a worker process"):
        complete(CHUNK, workers.ask)


def test_errors_are_passed_on():
    def ask(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        complete(CHUNK, ask)
