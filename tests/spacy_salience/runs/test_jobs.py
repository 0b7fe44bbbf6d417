"""How many jobs there are by default, and that they are what is asked for."""

import pytest

from spacy_salience.runs import jobs
from spacy_salience.runs.jobs import jobs_of


@pytest.mark.parametrize(
    ("free", "expected"), [(None, 8), (10**11, 8), (3_500_000_000, 3), (1000, 1)]
)
def test_there_is_a_job_a_core_where_memory_is_enough(monkeypatch, free, expected):
    monkeypatch.setattr(jobs.cores, "usable", lambda: (8, False))
    monkeypatch.setattr(jobs.room, "free", lambda: free)
    assert jobs_of(None) == expected
    assert jobs_of(5) == 5
